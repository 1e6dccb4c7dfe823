import type { Query } from '../../protocol/sql/query.js';
import type { ComparedAnswer } from './statistics/agreement.js';
import type { VotedAnswer } from './statistics/likely.js';
import type { TimedAnswer } from './statistics/people.js';
import type { ComparedItem } from './statistics/ranking.js';

/** The keys of the two answers of a pair; null for other kinds of tasks. */
const keys = `CASE WHEN t.kind = 'pairwise' THEN i.content #>> '{answers,0,key}' END AS first_key,
  CASE WHEN t.kind = 'pairwise' THEN i.content #>> '{answers,1,key}' END AS second_key`;

/** What spans are parts of. */
const subject = `coalesce(i.content ->> 'text', i.content #>> '{answers,0,text}')`;

/** UTF-16 code units: PostgreSQL counts characters, of which those beyond the first 65,536 take two. */
const utf16Length = `length(${subject}) + length(regexp_replace(${subject}, '[^\\U00010000-\\U0010FFFF]', '', 'g'))`;

/** The answers of a task that count and have categories, in the order of its items. */
export function answersToCompare(query: Query, taskId: string): Promise<ComparedAnswer[]> {
  return query(
    `WITH items AS MATERIALIZED (
       SELECT i.id, i.position, ${keys}, CASE WHEN t.kind = 'spans' THEN ${utf16Length} END AS length
         FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
        WHERE i.task_id = $1 AND i.gold IS NULL)
     SELECT i.id AS item, a.user_id AS person, a.category, i.first_key AS "firstKey", i.length
       FROM items i JOIN feedback_answers a ON a.item_id = i.id
      WHERE a.counts AND a.category IS NOT NULL
      ORDER BY i.position, a.created_at, a.id`,
    [taskId],
  );
}

/** People's first answers to the items of a task, those of gold included, in the order of its items. */
export function votesOfTask(query: Query, taskId: string): Promise<VotedAnswer[]> {
  return query(
    `WITH items AS MATERIALIZED (
       SELECT i.id, i.position, ${keys}, coalesce(i.gold, i.adjudicated) AS known, i.gold IS NOT NULL AS is_gold
         FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
        WHERE i.task_id = $1)
     SELECT i.id AS item, a.user_id AS person, a.category, i.first_key AS "firstKey", i.second_key AS "secondKey", i.known,
            i.is_gold AS "isGold"
       FROM items i
       JOIN feedback_answers a ON a.item_id = i.id
       JOIN feedback_claims c ON c.id = a.claim_id
      WHERE c.repetition = 0 AND a.category IS NOT NULL
      ORDER BY i.position, a.created_at, a.id`,
    [taskId],
  );
}

/** All answers of a task, repetitions and those to gold items included, in the order in which they were given. */
export function timedAnswersOfTask(query: Query, taskId: string): Promise<TimedAnswer[]> {
  return query(
    `WITH items AS MATERIALIZED (
       SELECT i.id, i.gold, ${keys},
              regexp_count(concat_ws(' ', i.content ->> 'text', i.content #>> '{prompt,text}',
                (SELECT string_agg(m ->> 'content', ' ') FROM jsonb_array_elements(i.content #> '{prompt,messages}') AS m),
                (SELECT string_agg(one ->> 'text', ' ') FROM jsonb_array_elements(i.content -> 'answers') AS one)),
                '\\S+') AS words
         FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
        WHERE i.task_id = $1)
     SELECT i.id AS item, a.user_id AS person, a.category, i.first_key AS "firstKey", a.seconds, i.words,
            CASE WHEN cardinality(c.shown) = 2 THEN c.shown[1] END AS "shownFirst", i.gold
       FROM feedback_answers a
       JOIN items i ON i.id = a.item_id
       JOIN feedback_claims c ON c.id = a.claim_id
      WHERE a.task_id = $1
      ORDER BY a.created_at, a.id`,
    [taskId],
  );
}

/** The items of a task that compares answers: who wrote them and, if asked for, what their style is counted by. */
export function itemsToRank(query: Query, taskId: string, withStyle: boolean): Promise<ComparedItem[]> {
  // The order of `styleFeatures`. Headings, list items and bold are those of Markdown.
  const style = `jsonb_build_array(
    length(one ->> 'text'),
    regexp_count(one ->> 'text', '^ {0,3}#{1,6}\\s', 1, 'n'),
    regexp_count(one ->> 'text', '^\\s*([-*+]|\\d+[.)])\\s', 1, 'n'),
    regexp_count(one ->> 'text', '\\*\\*[^*\\n]+\\*\\*|__[^_\\n]+__'))`;
  return query(
    `SELECT i.id AS item, i.group_key AS "group",
            (SELECT jsonb_agg(jsonb_build_object('key', one -> 'key', 'modelId', one -> 'modelId',
                              'settings', one -> 'settings', 'style', ${withStyle ? style : 'NULL'}) ORDER BY place)
               FROM jsonb_array_elements(i.content -> 'answers') WITH ORDINALITY AS each(one, place)) AS answers
       FROM feedback_items i
      WHERE i.task_id = $1 AND i.gold IS NULL AND i.answer_count > 0
      ORDER BY i.position`,
    [taskId],
  );
}

/** What the likeliest answers of a task depend on: another text, and they are computed again. */
export async function stateOfAnswers(query: Query, taskId: string): Promise<string> {
  const [row] = await query<{ state: string }>(
    `SELECT concat_ws(' ', count(*), max(a.created_at), max(a.changed_at),
              (SELECT concat_ws(' ', count(i.adjudicated_at), max(i.adjudicated_at)) FROM feedback_items i
                WHERE i.task_id = $1)) AS state
       FROM feedback_answers a WHERE a.task_id = $1`,
    [taskId],
  );
  return row!.state;
}
