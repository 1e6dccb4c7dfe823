import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { poolQuery } from '../../src/database/transaction.js';
import { createFeedbackResults, type FeedbackResults } from '../../src/feedback/results/feedback-results.service.js';
import { createStatisticsThreads } from '../../src/feedback/results/statistics-threads.js';
import { categoryOf } from '../../src/protocol/feedback/categories.js';
import type {
  FeedbackItemContent,
  FeedbackOverlap,
  FeedbackQuestion,
  FeedbackValue,
} from '../../src/protocol/feedback.js';
import { insertUser } from './access.js';
import { startTestApi, type TestApi } from './api.js';

/** An API with people who annotate in its project, and what the answers of tasks say. */
export async function startResults(
  people: number,
): Promise<{ readonly api: TestApi; readonly results: FeedbackResults; readonly users: string[] }> {
  const api = await startTestApi();
  const { dataSource } = api;
  const results = createFeedbackResults({
    dataSource,
    query: poolQuery(dataSource),
    threads: createStatisticsThreads(),
  });
  const users: string[] = [];
  for (let u = 0; u < people; u++) {
    users.push(await insertUser(dataSource, `person ${u}`, { roles: { [api.projectId]: 'ANNOTATOR' } }));
  }
  return { api, results, users };
}

/** An item without prompt, row or models. */
export function textItem(text: string, more: Partial<FeedbackItemContent> = {}): FeedbackItemContent {
  return { prompt: null, text, answers: [], row: null, group: text, ...more };
}

export function judged(key: string, more: Partial<FeedbackItemContent['answers'][number]> = {}) {
  return { key, text: key, modelId: null, generationId: null, settings: null, ...more };
}

export async function insertFeedbackTask(
  dataSource: DataSource,
  projectId: string,
  question: FeedbackQuestion,
  more: { readonly overlap?: FeedbackOverlap; readonly blind?: boolean } = {},
): Promise<string> {
  const id = randomUUID();
  await dataSource.query(
    `INSERT INTO feedback_tasks (id, project_id, name, question, status, overlap, ends, item_order, random_share, blind,
       claim_seconds, gold_share, repeat_share, seed)
     VALUES ($1, $2, 'task', $3, 'OPEN', $4, $5, 'AS_GIVEN', 0, $6, 600, 0, 0, 1)`,
    [
      id,
      projectId,
      JSON.stringify(question),
      JSON.stringify(more.overlap ?? { atLeast: 1, atMost: 3, sureAt: null }),
      JSON.stringify({ itemsSettled: false, answers: null, agreement: null }),
      more.blind ?? true,
    ],
  );
  await dataSource.query(`INSERT INTO feedback_instructions (task_id, version, text) VALUES ($1, 1, 'Be true.')`, [id]);
  return id;
}

export interface InsertedItem {
  readonly content: FeedbackItemContent;
  readonly gold?: FeedbackValue;
}

/** Returns the items' row ids, in their order. */
export async function insertFeedbackItems(
  dataSource: DataSource,
  taskId: string,
  items: readonly InsertedItem[],
): Promise<string[]> {
  const rows = items.map(({ content, gold = null }, place) => ({
    id: randomUUID(),
    position: place + 1,
    content,
    group_key: content.group,
    gold,
  }));
  for (let from = 0; from < rows.length; from += 5_000) {
    await dataSource.query(
      `INSERT INTO feedback_items (id, task_id, position, content, group_key, gold, wanted)
       SELECT id, $1, position, content, group_key, nullif(gold, 'null'::jsonb), 3
         FROM jsonb_to_recordset($2) AS x(id uuid, position bigint, content jsonb, group_key text, gold jsonb)`,
      [taskId, JSON.stringify(rows.slice(from, from + 5_000))],
    );
  }
  await dataSource.query('UPDATE feedback_tasks SET item_count = $2, gold_count = $3 WHERE id = $1', [
    taskId,
    items.filter(({ gold }) => gold === undefined).length,
    items.filter(({ gold }) => gold !== undefined).length,
  ]);
  return rows.map(({ id }) => id);
}

export interface InsertedAnswer {
  readonly item: string;
  readonly user: string;
  readonly value: FeedbackValue;
  readonly repetition?: number;
  readonly isGold?: boolean;
  readonly shown?: readonly string[];
  readonly seconds?: number;
}

/** Answers, in the order in which they were given, with their claims and the counts of items and task. */
export async function insertFeedbackAnswers(
  dataSource: DataSource,
  taskId: string,
  question: FeedbackQuestion,
  answers: readonly InsertedAnswer[],
): Promise<void> {
  const rows = answers.map(
    ({ item, user, value, repetition = 0, isGold = false, shown = [], seconds = 10 }, place) => ({
      id: randomUUID(),
      claim: randomUUID(),
      item,
      user,
      value,
      category: categoryOf(question, value)?.category ?? null,
      repetition,
      picked: isGold ? 'GOLD' : repetition > 0 ? 'REPEAT' : 'ORDER',
      counts: !isGold && repetition === 0,
      shown,
      seconds,
      place,
    }),
  );
  for (let from = 0; from < rows.length; from += 5_000) {
    await dataSource.query(
      `WITH rows AS MATERIALIZED (
         SELECT * FROM jsonb_to_recordset($2) AS x(id uuid, claim uuid, item uuid, "user" uuid, value jsonb, category text,
           repetition int, picked text, counts boolean, shown text[], seconds float8, place int)),
       claims AS (
         INSERT INTO feedback_claims (id, task_id, item_id, user_id, repetition, state, shown, instructions_version,
                                      picked, propensity, expires_at, ended_at)
         SELECT claim, $1, item, "user", repetition, 'ANSWERED', shown, 1, picked, 1, now(), now() FROM rows)
       INSERT INTO feedback_answers (id, claim_id, task_id, item_id, user_id, value, category, instructions_version, counts,
                                     late, seconds, created_at)
       SELECT id, claim, $1, item, "user", value, category, 1, counts, false, seconds,
              now() - interval '1 day' + make_interval(secs => place * 0.001) FROM rows`,
      [taskId, JSON.stringify(rows.slice(from, from + 5_000))],
    );
  }
  await dataSource.query(
    `UPDATE feedback_items i SET answer_count = a.count
       FROM (SELECT item_id, count(*) FROM feedback_answers WHERE task_id = $1 AND counts GROUP BY item_id) AS a
      WHERE i.id = a.item_id`,
    [taskId],
  );
  await dataSource.query(
    `UPDATE feedback_tasks SET answer_count = a.counting, gold_answer_count = a.gold, repeat_count = a.repeated
       FROM (SELECT count(*) FILTER (WHERE a.counts) AS counting, count(*) FILTER (WHERE c.picked = 'GOLD') AS gold,
                    count(*) FILTER (WHERE c.repetition > 0) AS repeated
               FROM feedback_answers a JOIN feedback_claims c ON c.id = a.claim_id WHERE a.task_id = $1) AS a
      WHERE id = $1`,
    [taskId],
  );
}
