import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { saveCheckpoint } from '../../../gpu-worker/queue/save-checkpoint.js';
import { writeEvents } from '../../../gpu-worker/queue/write-run.js';
import { createRunWriter } from '../../../gpu-worker/telemetry/run-writer.js';
import { requestCancel, requestPause } from '../../../src/experiments/run-control.js';
import { enqueueJob } from '../../../src/jobs/enqueue-job.js';
import { checkpointAt, claimTraining, loseAndClaim, lossAt, writeOf } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, digestOf, engine, expireLease, type RunRows } from '../../support/run-rows.js';
import { jobOf, lossPoints, statusPath } from '../../support/run-state.js';

async function nextClaim(rows: RunRows): Promise<unknown> {
  return claimJob(rows.pool, { workerId: await rows.addWorker(), lane: 'training', leaseSeconds: 30, engine });
}

test('after three attempts lost in a row without a checkpoint the run fails', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  let claim = await claimTraining(rows);
  claim = await loseAndClaim(rows, claim);
  claim = await loseAndClaim(rows, claim);
  await expireLease(rows.query, claim.job.id);

  expect(await nextClaim(rows)).toBeNull();

  expect((await statusPath(rows.query, runId)).slice(-3)).toEqual(['QUEUED', 'PREPARING', 'FAILED']);
  expect(await rows.query('SELECT problem FROM runs')).toMatchObject([{ problem: { code: 'WORKER_LOST' } }]);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'failed', attempt: 3 });
});

test('a checkpoint starts the count anew, and the next attempt goes on from it with all earlier metrics', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  let claim = await claimTraining(rows);
  claim = await loseAndClaim(rows, claim);
  claim = await loseAndClaim(rows, claim);
  const checkpoint = checkpointAt(2);
  const { store } = createDigestStore(checkpoint.artifacts.map(({ digest }) => digest));
  await rows.transaction((query) => writeEvents(query, writeOf(claim, 1), [lossAt(1), lossAt(2)]));
  await rows.transaction((query) => saveCheckpoint(query, store, writeOf(claim, 2), checkpoint));

  const resumed = await loseAndClaim(rows, claim);

  expect(resumed.resume).toEqual({ checkpointId: checkpoint.id, attempt: 3, step: 2, digest: checkpoint.digest });
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'claimed', attempt: 4, fruitlessAttempts: 1 });
  expect(await lossPoints(rows.query, runId)).toEqual([
    { attempt: 3, step: 1 },
    { attempt: 3, step: 2 },
  ]);
  expect(await rows.query('SELECT resumed_from_step AS step FROM run_attempts WHERE attempt = 4')).toEqual([
    { step: 2 },
  ]);
});

test('of two checkpoints of one step, as a pause right after a due one makes them, the later one counts', async () => {
  await using rows = await createRunRows();
  await rows.addRun();
  const claim = await claimTraining(rows);
  const [due, paused] = [checkpointAt(2, 'due'), checkpointAt(2, 'paused')];
  const { store } = createDigestStore([due, paused].flatMap(({ artifacts }) => artifacts.map(({ digest }) => digest)));
  await rows.transaction((query) => saveCheckpoint(query, store, writeOf(claim, 1), due));
  await rows.transaction((query) => saveCheckpoint(query, store, writeOf(claim, 2), paused));

  expect((await loseAndClaim(rows, claim)).resume).toMatchObject({ checkpointId: paused.id, step: 2 });
});

test('an attempt knows the older checkpoints, and where it went back to when the newest was damaged', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  const saved = [checkpointAt(2), checkpointAt(4)];
  const { store } = createDigestStore(saved.flatMap(({ artifacts }) => artifacts.map(({ digest }) => digest)));
  for (const [index, checkpoint] of saved.entries()) {
    await rows.transaction((query) => saveCheckpoint(query, store, writeOf(claim, index + 1), checkpoint));
  }

  const resumed = await loseAndClaim(rows, claim);
  expect([resumed.resume, ...resumed.olderCheckpoints].map((point) => point?.step)).toEqual([4, 2]);

  const writer = createRunWriter({
    pool: rows.pool,
    store,
    job: { id: resumed.job.id, attempt: resumed.job.attempt },
    runId,
    signal: new AbortController().signal,
    log: pino({ level: 'silent' }),
    onCommitted: () => undefined,
    onFailed: (error) => {
      throw error;
    },
  });
  writer.push({ kind: 'wentBack', jobId: resumed.job.id, step: 2 });
  writer.push({ kind: 'events', jobId: resumed.job.id, events: [lossAt(3)] });
  await writer.drain();
  expect(await rows.query('SELECT attempt, resumed_from_step AS step FROM run_attempts ORDER BY attempt')).toEqual([
    { attempt: 1, step: 0 },
    { attempt: 2, step: 2 },
  ]);
  expect(await lossPoints(rows.query, runId)).toEqual([{ attempt: 2, step: 3 }]);
});

test('a run that was being canceled when its worker was lost ends as canceled', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  await rows.transaction((query) => requestCancel(query, runId));
  await expireLease(rows.query, claim.job.id);

  expect(await nextClaim(rows)).toBeNull();

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'CANCELING', 'CANCELED']);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'canceled' });
});

test('a run that was to be paused when its worker was lost is paused', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  await rows.transaction((query) => requestPause(query, runId));
  await expireLease(rows.query, claim.job.id);

  expect(await nextClaim(rows)).toBeNull();

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'PAUSED']);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'paused' });
});

test('a prediction that takes three workers with it fails', async () => {
  await using rows = await createRunRows();
  const id = randomUUID();
  await rows.transaction((query) =>
    enqueueJob(query, {
      id,
      projectId: rows.projectId,
      payload: { kind: 'predict', modelDigest: digestOf('model'), texts: ['x'], pairs: null },
    }),
  );
  const workerId = await rows.addWorker();
  const claim = () => claimJob(rows.pool, { workerId, lane: 'short', leaseSeconds: 30, engine });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    expect((await claim())?.job.attempt).toBe(attempt);
    await expireLease(rows.query, id);
  }

  expect(await claim()).toBeNull();

  expect(await rows.query('SELECT state, problem FROM jobs')).toMatchObject([
    { state: 'failed', problem: { code: 'WORKER_LOST' } },
  ]);
});
