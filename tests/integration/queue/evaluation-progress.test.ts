import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobThread } from '../../../gpu-worker/lanes/job-thread.js';
import { runJob } from '../../../gpu-worker/lanes/run-job.js';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { writeProgress } from '../../../gpu-worker/queue/job-progress.js';
import { cancelEvaluation } from '../../../src/evaluations/cancel-evaluation.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, digestOf, engine, type RunRows } from '../../support/run-rows.js';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const leaseMs = 30_000;

let rows: RunRows;
let workerId: string;
beforeAll(async () => {
  rows = await createRunRows();
  workerId = await rows.addWorker();
});
afterAll(() => rows?.close());

async function addEvaluation(): Promise<string> {
  const evaluationId = randomUUID();
  const tasks = [{ task: 'label', targetColumns: ['label'] }];
  await rows.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
     SELECT $1, $2, $3, v.id, 'test', 'text', $4, 'QUEUED' FROM dataset_versions v LIMIT 1`,
    [evaluationId, rows.projectId, rows.baseModelId, JSON.stringify(tasks)],
  );
  await rows.transaction((query) =>
    enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: {
        kind: 'evaluate',
        evaluationId,
        modelDigest: digestOf('model'),
        datasetDigest: digestOf('data'),
        split: 'test',
        textColumn: 'text',
        pairColumn: null,
        tasks,
      },
    }),
  );
  return evaluationId;
}

const claimed = async () => {
  const claim = await claimJob(rows.pool, { workerId, lane: 'short', leaseSeconds: leaseMs / 1000, engine });
  if (claim === null) throw new Error('There is nothing to claim.');
  return claim;
};
const stateOf = async (id: string) =>
  (await rows.query('SELECT status, progress FROM evaluations WHERE id = $1', [id]))[0];

/** Does the waiting job on a thread that does `work`. */
async function run(work: Parameters<typeof threadOf>[0]): Promise<void> {
  const now = () => performance.now();
  const claimedAt = now();
  const { store } = createDigestStore([]);
  await runJob(await claimed(), claimedAt, threadOf(work), {
    pool: rows.pool,
    store,
    log: log as never,
    leaseMs,
    heartbeatIntervalMs: leaseMs,
    now,
    onStalled: () => undefined,
  }).ended;
}

function threadOf(work: (listener: Parameters<JobThread['run']>[2]) => Promise<void>): JobThread {
  return {
    engine: null,
    alive: true,
    run: async (_claim, _control, listener) => {
      await work(listener);
      return { kind: 'finished', result: { kind: 'evaluate', tasks: [] }, model: null };
    },
    measure: async () => null,
    acknowledge: () => undefined,
    exit: async () => undefined,
  };
}

test('the newest progress that a thread reports is the evaluation’s', async () => {
  const id = await addEvaluation();
  await run(async (listener) => {
    for (const examplesDone of [16, 32, 48]) listener.onProgressed({ examplesDone, examplesTotal: 48 });
  });
  expect(await stateOf(id)).toEqual({ status: 'SUCCEEDED', progress: { examplesDone: 48, examplesTotal: 48 } });
});

test('of an evaluation that was canceled meanwhile, neither progress nor scores are kept', async () => {
  const id = await addEvaluation();
  await run(async (listener) => {
    await rows.transaction((query) => cancelEvaluation(query, id));
    listener.onProgressed({ examplesDone: 48, examplesTotal: 48 });
  });
  expect(await stateOf(id)).toEqual({ status: 'CANCELED', progress: null });
});

test('the next attempt begins anew, and the one before it writes nothing more', async () => {
  const id = await addEvaluation();
  const { job } = await claimed();
  const done = { examplesDone: 1, examplesTotal: 2 };
  await writeProgress(rows.query, job, { table: 'evaluations', id }, done);
  expect(await stateOf(id)).toEqual({ status: 'RUNNING', progress: done });
  await rows.query(`UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = $1`, [job.id]);
  await claimed();
  expect(await stateOf(id)).toEqual({ status: 'RUNNING', progress: null });
  await writeProgress(rows.query, job, { table: 'evaluations', id }, done);
  expect(await stateOf(id)).toEqual({ status: 'RUNNING', progress: null });
});
