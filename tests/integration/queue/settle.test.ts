import { expect, test } from 'vitest';
import { stop, succeed } from '../../../gpu-worker/queue/settle.js';
import { writeStatus } from '../../../gpu-worker/queue/write-run.js';
import { requestCancel, requestPause, resumeRun } from '../../../src/experiments/run-control.js';
import { ArtifactMissing } from '../../../src/storage/keep-artifacts.js';
import { claimTraining, writeOf } from '../../support/claimed-run.js';
import { createDigestStore } from '../../support/memory-store.js';
import { createRunRows, producedModel, type RunRows } from '../../support/run-rows.js';
import { jobOf, statusOf, statusPath } from '../../support/run-state.js';

const result = { kind: 'train', modelDigest: producedModel.digest } as const;

async function trainToTheEnd(rows: RunRows, digests = producedModel.artifacts.map(({ digest }) => digest)) {
  const claim = await claimTraining(rows);
  const { store } = createDigestStore(digests);
  await rows.transaction((query) => writeStatus(query, writeOf(claim, 1), 'TRAINING', null));
  await rows.transaction((query) => writeStatus(query, writeOf(claim, 2), 'EVALUATING', null));
  return {
    claim,
    succeed: () =>
      rows.transaction((query) => succeed(query, store, claim.job, { kind: 'finished', result, model: producedModel })),
  };
}

test('success registers the model, with its artifacts, in the same transaction', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun('spam filter');
  const training = await trainToTheEnd(rows);
  await training.succeed();

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'SUCCEEDED']);
  expect(await rows.query('SELECT name, digest FROM base_models WHERE produced_by_run_id = $1', [runId])).toEqual([
    { name: 'spam filter', digest: producedModel.digest },
  ]);
  const recorded = await rows.query<{ digest: string }>('SELECT digest FROM artifacts WHERE digest = ANY($1)', [
    producedModel.artifacts.map(({ digest }) => digest),
  ]);
  expect(recorded).toHaveLength(producedModel.artifacts.length);
  expect(await rows.query('SELECT outcome FROM run_attempts')).toEqual([{ outcome: 'SUCCEEDED' }]);
  expect(await rows.query('SELECT finished_at IS NOT NULL AS finished FROM runs')).toEqual([{ finished: true }]);
});

test('what a training gives is kept, also when the storage of its project was used up meanwhile', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const training = await trainToTheEnd(rows);
  await rows.query('UPDATE projects SET max_storage_bytes = 0');
  await training.succeed();
  expect(await statusOf(rows.query, runId)).toBe('SUCCEEDED');
});

test('a second experiment of the same name gets a model name of its own', async () => {
  await using rows = await createRunRows();
  await rows.addRun('spam filter');
  await (await trainToTheEnd(rows)).succeed();
  const runId = await rows.addRun('spam filter');
  await (await trainToTheEnd(rows)).succeed();

  expect(await rows.query('SELECT name FROM base_models WHERE produced_by_run_id = $1', [runId])).toEqual([
    { name: `spam filter (${runId.slice(0, 8)})` },
  ]);
});

test('a model whose file is gone is not registered, and the run is not SUCCEEDED', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const training = await trainToTheEnd(rows, [producedModel.digest]);

  await expect(training.succeed()).rejects.toThrow(ArtifactMissing);

  expect(await statusOf(rows.query, runId)).toBe('EVALUATING');
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'claimed' });
});

test('a run that finishes although it was canceled has SUCCEEDED', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const training = await trainToTheEnd(rows);
  await rows.transaction((query) => requestCancel(query, runId));

  await training.succeed();

  expect((await statusPath(rows.query, runId)).slice(-2)).toEqual(['CANCELING', 'SUCCEEDED']);
});

test('a run that stops becomes what its user wants of it at that moment', async () => {
  await using rows = await createRunRows();
  const wishes = [
    { ask: requestCancel, status: 'CANCELED', state: 'canceled', outcome: 'CANCELED' },
    { ask: requestPause, status: 'PAUSED', state: 'paused', outcome: 'PAUSED' },
  ] as const;
  for (const { ask, status, state, outcome } of wishes) {
    const runId = await rows.addRun();
    const claim = await claimTraining(rows);
    await rows.transaction((query) => ask(query, runId));
    await rows.transaction((query) => stop(query, claim.job));

    expect(await statusOf(rows.query, runId)).toBe(status);
    expect(await jobOf(rows.query, runId)).toMatchObject({ state });
    expect(await rows.query('SELECT outcome FROM run_attempts WHERE run_id = $1', [runId])).toEqual([{ outcome }]);
  }
});

test('a pause that was taken back while the worker followed it puts the run back into the queue', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  await rows.transaction((query) => requestPause(query, runId));
  await rows.transaction((query) => resumeRun(query, runId));

  await rows.transaction((query) => stop(query, claim.job));

  expect(await statusOf(rows.query, runId)).toBe('QUEUED');
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'queued' });
});
