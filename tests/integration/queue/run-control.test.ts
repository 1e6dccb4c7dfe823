import { expect, test } from 'vitest';
import { heartbeat } from '../../../gpu-worker/queue/heartbeat.js';
import { fail, stop } from '../../../gpu-worker/queue/settle.js';
import { requestCancel, requestPause, resumeRun } from '../../../src/experiments/run-control.js';
import { claimTraining } from '../../support/claimed-run.js';
import { createRunRows, expireLease } from '../../support/run-rows.js';
import { jobOf, statusPath } from '../../support/run-state.js';

test('a waiting run is canceled at once; canceling it again changes nothing', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const cancel = () => rows.transaction((query) => requestCancel(query, runId));

  expect(await cancel()).toEqual({ accepted: true, status: 'CANCELED' });
  expect(await cancel()).toEqual({ accepted: true, status: 'CANCELED' });

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'CANCELED']);
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'canceled' });
});

test("a running run is CANCELING until its worker has followed the wish, which the worker's heartbeat tells", async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  expect(await heartbeat(rows.query, claim.job, 30)).toBe('RUN');

  expect(await rows.transaction((query) => requestCancel(query, runId))).toEqual({
    accepted: true,
    status: 'CANCELING',
  });
  expect(await heartbeat(rows.query, claim.job, 30)).toBe('CANCEL');
  expect(await rows.transaction((query) => requestCancel(query, runId))).toEqual({
    accepted: true,
    status: 'CANCELING',
  });
  await rows.transaction((query) => stop(query, claim.job));

  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PREPARING', 'CANCELING', 'CANCELED']);
});

test('a run whose worker is lost is canceled without one', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);
  await expireLease(rows.query, claim.job.id);

  expect(await rows.transaction((query) => requestCancel(query, runId))).toEqual({
    accepted: true,
    status: 'CANCELED',
  });

  expect(await rows.query('SELECT outcome FROM run_attempts')).toEqual([{ outcome: 'LOST' }]);
});

test('a waiting run is paused and resumed', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();

  expect(await rows.transaction((query) => requestPause(query, runId))).toEqual({ accepted: true, status: 'PAUSED' });
  expect(await jobOf(rows.query, runId)).toMatchObject({ state: 'paused' });
  expect(await rows.transaction((query) => resumeRun(query, runId))).toEqual({ accepted: true, status: 'QUEUED' });

  expect((await claimTraining(rows)).runId).toBe(runId);
  expect(await statusPath(rows.query, runId)).toEqual(['QUEUED', 'PAUSED', 'QUEUED', 'PREPARING']);
});

test('a running run is paused by its worker and resumed as a new attempt', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const claim = await claimTraining(rows);

  expect(await rows.transaction((query) => requestPause(query, runId))).toEqual({
    accepted: true,
    status: 'PREPARING',
  });
  expect(await heartbeat(rows.query, claim.job, 30)).toBe('PAUSE');
  await rows.transaction((query) => stop(query, claim.job));
  await rows.transaction((query) => resumeRun(query, runId));
  const resumed = await claimTraining(rows);

  expect(resumed.job.attempt).toBe(2);
  expect(await heartbeat(rows.query, resumed.job, 30)).toBe('RUN');
});

test('a run that failed before its pause took effect is not resumed', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const { job } = await claimTraining(rows);
  await rows.transaction((query) => requestPause(query, runId));
  const problem = { path: [], code: 'NON_FINITE_LOSS', message: 'The loss became NaN.', hint: null };
  await rows.transaction((query) => fail(query, job, problem));

  expect(await rows.transaction((query) => resumeRun(query, runId))).toEqual({ accepted: false, status: 'FAILED' });
});

test('what a run is not in a state for is not accepted', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  expect(await rows.transaction((query) => resumeRun(query, runId))).toEqual({ accepted: false, status: 'QUEUED' });

  const claim = await claimTraining(rows);
  await rows.transaction((query) => requestCancel(query, runId));
  expect(await rows.transaction((query) => requestPause(query, runId))).toEqual({
    accepted: false,
    status: 'CANCELING',
  });

  await rows.transaction((query) => stop(query, claim.job));
  expect(await rows.transaction((query) => requestPause(query, runId))).toEqual({
    accepted: false,
    status: 'CANCELED',
  });
  expect(await rows.transaction((query) => resumeRun(query, runId))).toEqual({ accepted: false, status: 'CANCELED' });
});
