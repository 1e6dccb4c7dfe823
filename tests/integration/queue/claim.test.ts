import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { stop } from '../../../gpu-worker/queue/settle.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import type { JobLane } from '../../../src/protocol/job.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';
import { eventsOf, jobOf, statusPath } from '../../support/run-state.js';

const claim = (
  rows: RunRows,
  workerId: string,
  lane: JobLane = 'training',
  running: readonly string[] = [],
): Promise<Claim | null> => claimJob(rows.pool, { workerId, lane, leaseSeconds: 30, engine, running });

test('workers that claim at once never get the same job, and every job is claimed', async () => {
  await using rows = await createRunRows();
  const runs = new Set(await Promise.all(Array.from({ length: 40 }, () => rows.addRun())));
  const workers = await Promise.all(Array.from({ length: 8 }, () => rows.addWorker()));

  const claimAll = async (workerId: string): Promise<string[]> => {
    const claimed: string[] = [];
    for (let job = await claim(rows, workerId); job !== null; job = await claim(rows, workerId)) {
      claimed.push(job.job.payload.kind === 'train' ? job.job.payload.runId : '');
    }
    return claimed;
  };
  const claimed = (await Promise.all(workers.map(claimAll))).flat();

  // SKIP LOCKED may let a worker see nothing while the last rows are being claimed by others, but never twice the same.
  expect(claimed.toSorted()).toEqual([...runs].toSorted());
});

test('a worker does not take over what it runs itself, though it missed the end of its lease; another one does', async () => {
  await using rows = await createRunRows();
  await rows.addRun();
  const [one, other] = [await rows.addWorker(), await rows.addWorker()];
  const { job } = (await claim(rows, one))!;
  await expireLease(rows.query, job.id);
  expect(await claim(rows, one, 'training', [randomUUID(), job.id])).toBeNull();
  expect((await claim(rows, other, 'training', [randomUUID()]))!.job).toMatchObject({ id: job.id, attempt: 2 });
});

test('a claim opens an attempt and brings the run to PREPARING', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const workerId = await rows.addWorker();

  const claimed = await claim(rows, workerId);

  expect(claimed).toMatchObject({ job: { attempt: 1, payload: { kind: 'train', runId } }, resume: null });
  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING']);
  expect(await rows.query('SELECT attempt, worker_id, engine, resumed_from_step FROM run_attempts')).toEqual([
    { attempt: 1, worker_id: workerId, engine, resumed_from_step: 0 },
  ]);
  expect(await claim(rows, workerId)).toBeNull();
});

test('a prediction comes before an evaluation that waited longer, and neither is seen by the training lane', async () => {
  await using rows = await createRunRows();
  const workerId = await rows.addWorker();
  const evaluationId = randomUUID();
  await rows.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status)
     VALUES ($1, $2, $3, $4, 'test', 'text', '[]', 'QUEUED')`,
    [evaluationId, rows.projectId, rows.baseModelId, rows.datasetVersionId],
  );
  await rows.transaction((query) =>
    enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: {
        kind: 'evaluate',
        evaluationId,
        modelDigest: digestOf('model'),
        datasetDigest: digestOf('parquet'),
        split: 'test',
        textColumn: 'text',
        pairColumn: null,
        tasks: [{ task: 'label', targetColumns: ['label'] }],
      },
    }),
  );
  await rows.transaction((query) =>
    enqueueJob(query, {
      id: randomUUID(),
      projectId: rows.projectId,
      payload: { kind: 'predict', modelDigest: digestOf('model'), texts: ['hello'], pairs: null },
    }),
  );

  expect(await claim(rows, workerId, 'training')).toBeNull();
  expect((await claim(rows, workerId, 'short'))?.job.payload.kind).toBe('predict');
  expect((await claim(rows, workerId, 'short'))?.job.payload.kind).toBe('evaluate');
  expect(await rows.query('SELECT status FROM evaluations')).toEqual([{ status: 'RUNNING' }]);
});

test('a job whose lease ran out goes to the next worker as a new attempt', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const [first, second] = [await rows.addWorker(), await rows.addWorker()];
  const lost = await claim(rows, first);
  expect(await claim(rows, second)).toBeNull();
  await expireLease(rows.query, lost!.job.id);

  const taken = await claim(rows, second);

  expect(taken?.job).toMatchObject({ id: lost!.job.id, attempt: 2 });
  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'QUEUED', 'PREPARING']);
  expect(await rows.query('SELECT attempt, outcome FROM run_attempts ORDER BY attempt')).toEqual([
    { attempt: 1, outcome: 'LOST' },
    { attempt: 2, outcome: null },
  ]);
  const reasons = (await eventsOf(rows.query, runId)).map(
    ({ event }) => event.kind === 'statusChanged' && event.reason,
  );
  expect(reasons).toEqual([null, 'Attempt 1', 'The worker was lost: its heartbeats stopped', 'Attempt 2']);
});

test('a released job can be claimed at once and does not count as lost', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const workerId = await rows.addWorker();
  const first = await claim(rows, workerId);

  await rows.transaction((query) => stop(query, first!.job));
  const second = await claim(rows, workerId);

  expect(second?.job.attempt).toBe(2);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'claimed', fruitlessAttempts: 0 });
  expect(await rows.query('SELECT outcome FROM run_attempts ORDER BY attempt')).toEqual([
    { outcome: 'RELEASED' },
    { outcome: null },
  ]);
});

test('a job that can not be read fails, and the one behind it is claimed', async () => {
  await using rows = await createRunRows();
  const [broken, sound] = [await rows.addRun(), await rows.addRun()];
  const workerId = await rows.addWorker();
  await rows.query(`UPDATE jobs SET payload = '{"kind":"train"}' WHERE run_id = $1`, [broken]);

  const claimed = await claim(rows, workerId);

  expect(claimed?.job.payload).toMatchObject({ runId: sound });
  expect(await statusPath(rows.query, broken)).toEqual(['QUEUED', 'PREPARING', 'FAILED']);
  expect(await rows.query('SELECT problem FROM jobs WHERE run_id = $1', [broken])).toMatchObject([
    { problem: { code: 'UNREADABLE_JOB' } },
  ]);
});
