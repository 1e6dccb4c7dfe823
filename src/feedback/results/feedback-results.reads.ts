import type { Query } from '../../protocol/sql/query.js';
import { isFirstInTime, isInTime } from '../counting-answers.js';
import type { Reading } from './row-blocks.js';
import type { ComparedAnswer } from './statistics/agreement.js';
import type { PredictedItem, VotedAnswer } from './statistics/likely.js';
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
export function answersToCompare(taskId: string): Reading<ComparedAnswer> {
  const sql = `WITH items AS MATERIALIZED (
       SELECT i.id, i.position, ${keys}, CASE WHEN t.kind = 'spans' THEN ${utf16Length} END AS length
         FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
        WHERE i.task_id = $1 AND i.gold IS NULL)
     SELECT i.id AS item, a.user_id AS person, a.category, i.first_key AS "firstKey", i.length
       FROM items i JOIN feedback_answers a ON a.item_id = i.id
      WHERE a.counts AND a.category IS NOT NULL
      ORDER BY i.position, a.created_at, a.id`;
  return { sql, parameters: [taskId], charactersOf };
}

/** People's first answers to the items of a task, until it was closed, gold included, in the order of items. */
export function votesOfTask(taskId: string): Reading<VotedAnswer> {
  const sql = `WITH items AS MATERIALIZED (
       SELECT i.id, i.position, ${keys}, coalesce(i.gold, i.adjudicated) AS known, i.gold IS NOT NULL AS is_gold
         FROM feedback_items i JOIN feedback_tasks t ON t.id = i.task_id
        WHERE i.task_id = $1)
     SELECT i.id AS item, a.user_id AS person, a.category, i.first_key AS "firstKey", i.second_key AS "secondKey", i.known,
            i.is_gold AS "isGold"
       FROM items i
       JOIN feedback_answers a ON a.item_id = i.id
       JOIN feedback_claims c ON c.id = a.claim_id
       JOIN feedback_tasks t ON t.id = a.task_id
      WHERE ${isFirstInTime} AND a.category IS NOT NULL
      ORDER BY i.position, a.created_at, a.id`;
  return { sql, parameters: [taskId], charactersOf };
}

/** All answers of a task until it was closed, repetitions and those to gold items included, in the order of time. */
export function timedAnswersOfTask(taskId: string): Reading<TimedAnswer> {
  const sql = `WITH items AS MATERIALIZED (
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
       JOIN feedback_tasks t ON t.id = a.task_id
      WHERE a.task_id = $1 AND ${isInTime}
      ORDER BY a.created_at, a.id`;
  return { sql, parameters: [taskId], charactersOf };
}

/** The items of a task that compares answers: who wrote them and, if asked for, what their style is counted by. */
export function itemsToRank(taskId: string, withStyle: boolean): Reading<ComparedItem> {
  // The order of `styleFeatures`. Headings, list items and bold are those of Markdown.
  const style = `jsonb_build_array(
    length(one ->> 'text'),
    regexp_count(one ->> 'text', '^ {0,3}#{1,6}\\s', 1, 'n'),
    regexp_count(one ->> 'text', '^\\s*([-*+]|\\d+[.)])\\s', 1, 'n'),
    regexp_count(one ->> 'text', '\\*\\*[^*\\n]+\\*\\*|__[^_\\n]+__'))`;
  const sql = `SELECT i.id AS item, i.group_key AS "group",
            (SELECT jsonb_agg(jsonb_build_object('key', one -> 'key', 'modelId', one -> 'modelId',
                              'settings', one -> 'settings', 'style', ${withStyle ? style : 'NULL'}) ORDER BY place)
               FROM jsonb_array_elements(i.content -> 'answers') WITH ORDINALITY AS each(one, place)) AS answers
       FROM feedback_items i
      WHERE i.task_id = $1 AND i.gold IS NULL AND i.answer_count > 0
      ORDER BY i.position`;
  return { sql, parameters: [taskId] };
}

/** What a model said of those items of a task that have an answer. */
export function predictionsOfTask(taskId: string): Reading<PredictedItem> {
  const sql = `SELECT i.id AS item, (i.prediction -> 'labels')::text AS labels FROM feedback_items i
     WHERE i.task_id = $1 AND i.prediction IS NOT NULL
       AND EXISTS (SELECT FROM feedback_answers a WHERE a.item_id = i.id) ORDER BY i.position`;
  return { sql, parameters: [taskId], charactersOf: ({ labels }) => labels.length };
}

/**
 * What the likeliest answers of a task depend on: another text, and they are computed again. All that changes them is
 * in the task's log, whose end is told.
 */
export async function stateOfAnswers(query: Query, taskId: string): Promise<string> {
  const [row] = await query<{ state: string }>('SELECT last_seq::text AS state FROM feedback_tasks WHERE id = $1', [
    taskId,
  ]);
  return row?.state ?? '';
}

function charactersOf({ category }: { readonly category: string | null }): number {
  return category?.length ?? 0;
}
