import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { fail, succeed } from '../../../gpu-worker/queue/settle.js';
import type { MadeItem, MadeItems } from '../../../gpu-worker/thread-protocol.js';
import { cancelItems, queueItems } from '../../../src/feedback/sources/queue-items.js';
import type { FeedbackQuestion } from '../../../src/protocol/feedback.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';

/** Items that jobs make, on their way into the task: all of them, once, or none. */

let rows: RunRows;
let workerId: string;
let folder: string;
const { store } = createDigestStore([]);
const question: FeedbackQuestion = { kind: 'labels', classes: ['ham', 'spam'], several: false };

beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
  folder = await mkdtemp(join(tmpdir(), 'attune-made-'));
});
afterAll(async () => {
  await rows?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A task whose items a queued job makes; returns its id. */
async function addTask({
  opensAs = 'OPEN',
  versionId = rows.datasetVersionId,
}: {
  readonly opensAs?: 'OPEN' | 'PAUSED';
  readonly versionId?: string;
} = {}): Promise<string> {
  const taskId = randomUUID();
  await rows.transaction(async (query) => {
    await query(
      `INSERT INTO feedback_tasks (id, project_id, name, question, status, overlap, ends, item_order, random_share, blind,
         claim_seconds, gold_share, repeat_share, seed)
       VALUES ($1, $2, 'task', $3, 'PREPARING', '{"atLeast": 2, "atMost": 3, "sureAt": 0.9}',
         '{"itemsSettled": true, "answers": null, "agreement": null}', 'AS_GIVEN', 0, true, 60, 0, 0, 1)`,
      [taskId, rows.projectId, JSON.stringify(question)],
    );
    await queueItems(query, {
      projectId: rows.projectId,
      taskId,
      opensAs,
      planned: {
        kind: 'makeItems',
        ranking: null,
        question,
        versionId,
        dataDigest: digestOf('parquet'),
        split: null,
        columns: { text: 'text', prompt: null, answers: [] },
        most: 1000,
        seed: null,
        except: [],
        from: { kind: 'rows' },
      },
    });
  });
  return taskId;
}

const claim = () => claimJob(rows.pool, { workerId, lane: 'batch', leaseSeconds: 30, engine });
async function claimNext(): Promise<Claim> {
  const claimed = await claim();
  if (claimed === null) throw new Error('There is nothing to claim.');
  return claimed;
}

/** More than one INSERT holds, and with a text that PostgreSQL can not store as it is. */
const count = 1203;
async function made(lines = count): Promise<MadeItems> {
  const path = join(folder, `${randomUUID()}.jsonl`);
  const items = Array.from({ length: lines }, (_, row): MadeItem => {
    const text = row === 700 ? 'a\0b' : `text ${row}`;
    const content = { prompt: null, text, answers: [], row: { versionId: randomUUID(), row }, group: text };
    return { content, prediction: null, priority: row / 2 };
  });
  await writeFile(path, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  return { folder, path, count };
}

const outcomeOf = (items: MadeItems) =>
  ({
    kind: 'finished',
    result: { kind: 'makeItems', itemCount: count, leftOutCount: 7, equalCount: 0 },
    model: null,
    items,
  }) as const;

async function stateOf(taskId: string) {
  const [row] = await rows.query(
    `SELECT t.status, t.item_count::int AS items, t.problem ->> 'code' AS problem, t.last_seq::int AS seq,
            s.status AS source, s.item_count::int AS made, s.left_out_count::int AS "leftOut",
            t.opened_at IS NOT NULL AS opened,
            (SELECT array_agg(DISTINCT wanted) FROM feedback_items WHERE task_id = t.id) AS wanted,
            (SELECT count(DISTINCT position)::int FROM feedback_items WHERE task_id = t.id) AS positions
       FROM feedback_tasks t JOIN feedback_item_sources s ON s.task_id = t.id WHERE t.id = $1`,
    [taskId],
  );
  return row;
}

test('a version that was deleted at this moment has no items made of it', async () => {
  await expect(addTask({ versionId: randomUUID() })).rejects.toMatchObject({
    problems: [{ path: ['source'], code: 'CONFLICT' }],
  });
});

test('a success brings all items once, however often it is told, and opens the task', async () => {
  const task = await addTask();
  const { job } = await claimNext();
  expect(job.payload).toMatchObject({ kind: 'makeItems', question });
  expect(await stateOf(task)).toMatchObject({ status: 'PREPARING', source: 'RUNNING', items: 0 });
  const outcome = outcomeOf(await made());
  for (let call = 1; call <= 2; call += 1) await rows.transaction((query) => succeed(query, store, job, outcome));
  expect(await stateOf(task)).toMatchObject({
    status: 'OPEN',
    opened: true,
    source: 'SUCCEEDED',
    items: count,
    positions: count,
    made: count,
    leftOut: 7,
    wanted: [2],
  });
  const [odd] = await rows.query(
    `SELECT content ->> 'text' AS text, priority FROM feedback_items WHERE task_id = $1 AND position = 701`,
    [task],
  );
  expect(odd).toEqual({ text: 'a␀b', priority: 350 });
  const events = await rows.query<{ kind: string; to: string | null }>(
    `SELECT payload ->> 'kind' AS kind, payload ->> 'to' AS to FROM feedback_events WHERE task_id = $1 ORDER BY seq`,
    [task],
  );
  expect(events.map(({ kind }) => kind)).toEqual(['itemsAdded', 'itemsAdded', 'itemsAdded', 'statusChanged']);
  expect(events.at(-1)!.to).toBe('OPEN');
});

test('a task may begin paused; a file that lacks items brings none', async () => {
  const task = await addTask({ opensAs: 'PAUSED' });
  const { job } = await claimNext();
  const short = outcomeOf(await made(count - 1));
  await expect(rows.transaction((query) => succeed(query, store, job, short))).rejects.toThrow(
    'The file of 1203 items has 1202.',
  );
  expect(await stateOf(task)).toMatchObject({ status: 'PREPARING', items: 0 });
  const whole = outcomeOf(await made());
  await rows.transaction((query) => succeed(query, store, job, whole));
  expect(await stateOf(task)).toMatchObject({ status: 'PAUSED', opened: false, items: count });
});

test('a failure, and the third lost worker, make the task fail with the problem', async () => {
  const failed = await addTask();
  const { job } = await claimNext();
  const problem = { path: [], code: 'NO_ROWS_LEFT', message: 'no item could be made', hint: null };
  await rows.transaction((query) => fail(query, job, problem));
  expect(await stateOf(failed)).toMatchObject({ status: 'FAILED', source: 'FAILED', problem: 'NO_ROWS_LEFT', seq: 1 });
  const lost = await addTask();
  for (let attempt = 1; attempt <= 3; attempt += 1) await expireLease(rows.query, (await claimNext()).job.id);
  expect(await claim()).toBeNull();
  expect(await stateOf(lost)).toMatchObject({ status: 'FAILED', problem: 'WORKER_LOST', items: 0 });
});

test('a closed task gets none: its job is canceled, and a worker that was faster brings nothing', async () => {
  const waiting = await addTask();
  await rows.transaction((query) => cancelItems(query, waiting));
  expect(await claim()).toBeNull();
  expect(await stateOf(waiting)).toMatchObject({ source: 'CANCELED' });
  const task = await addTask();
  const { job } = await claimNext();
  await rows.transaction(async (query) => {
    await cancelItems(query, task);
    await query(`UPDATE feedback_tasks SET status = 'CLOSED', closed_reason = 'BY_REQUEST' WHERE id = $1`, [task]);
  });
  expect(await heartbeat(rows.query, job, 30)).toBe('CANCEL');
  const outcome = outcomeOf(await made());
  await rows.transaction((query) => succeed(query, store, job, outcome));
  expect(await stateOf(task)).toMatchObject({ status: 'CLOSED', source: 'CANCELED', items: 0 });
  const deleted = await addTask();
  const held = (await claimNext()).job;
  await rows.query('DELETE FROM feedback_tasks WHERE id = $1', [deleted]);
  await expect(rows.transaction((query) => succeed(query, store, held, outcome))).rejects.toThrow(AttemptOver);
});

test('items beyond the quota of the project make the task fail, and none of them is there', async () => {
  await rows.query('UPDATE projects SET max_feedback_items = $1 WHERE id = $2', [count - 1, rows.projectId]);
  try {
    const task = await addTask();
    const { job } = await claimNext();
    const items = await made();
    await expect(rows.transaction((query) => succeed(query, store, job, outcomeOf(items)))).rejects.toThrow(
      /would have \d+ items of feedback tasks; it may have 1202/,
    );
    expect(await stateOf(task)).toMatchObject({ status: 'PREPARING', items: 0, positions: 0 });
  } finally {
    await rows.query('UPDATE projects SET max_feedback_items = NULL WHERE id = $1', [rows.projectId]);
  }
});
