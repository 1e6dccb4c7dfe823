import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type Claim, claimJob } from '../../../gpu-worker/queue/claim.js';
import { fail, stop } from '../../../gpu-worker/queue/settle.js';
import { requestCancel } from '../../../src/experiments/run-control.js';
import { channels } from '../../../src/protocol/channels.js';
import { claimTraining } from '../../support/claimed-run.js';
import { createRunRows, engine, expireLease, type RunRows } from '../../support/run-rows.js';
import { jobOf, statusPath } from '../../support/run-state.js';

const problem = { path: [], code: 'NON_FINITE_LOSS', message: 'The loss became NaN.', hint: null };

const limit = (rows: RunRows, projectId: string, max: number | null) =>
  rows.query('UPDATE projects SET max_running_experiments = $2 WHERE id = $1', [projectId, max]);

const claim = (rows: RunRows, workerId: string): Promise<Claim | null> =>
  claimJob(rows.pool, { workerId, lane: 'training', leaseSeconds: 30, engine });

const runOf = (claimed: Claim | null): string | null =>
  claimed?.job.payload.kind === 'train' ? claimed.job.payload.runId : null;

test('while a project has as many under way as it may, its other runs are passed over and those behind them claimed', async () => {
  await using rows = await createRunRows();
  const [first, second, third] = [await rows.addRun(), await rows.addRun(), await rows.addRun()];
  const foreign = await rows.addRun('of another project', undefined, await rows.addProject('other'));
  await limit(rows, rows.projectId, 2);
  const workerId = await rows.addWorker();

  const claims = [await claim(rows, workerId), await claim(rows, workerId), await claim(rows, workerId)];
  expect(claims.map(runOf)).toEqual([first, second, foreign]);
  expect(await claim(rows, workerId)).toBeNull();
  expect(await statusPath(rows.query, third)).toEqual(['QUEUED']);

  // As soon as one ends.
  await rows.transaction((query) => fail(query, claims[0]!.job, problem));
  expect(runOf(await claim(rows, workerId))).toBe(third);
});

test('a limit of 0 lets none run, and null all', async () => {
  await using rows = await createRunRows();
  const runId = await rows.addRun();
  const workerId = await rows.addWorker();
  await limit(rows, rows.projectId, 0);
  expect(await claim(rows, workerId)).toBeNull();
  await limit(rows, rows.projectId, null);
  expect(runOf(await claim(rows, workerId))).toBe(runId);
});

test('workers that claim at once never have more than the limit under way', async () => {
  await using rows = await createRunRows();
  for (let i = 0; i < 12; i += 1) await rows.addRun();
  await limit(rows, rows.projectId, 3);
  const workers = await Promise.all(Array.from({ length: 8 }, () => rows.addWorker()));

  const ended: string[] = [];
  while (ended.length < 12) {
    const claims = (await Promise.all(workers.map((workerId) => claim(rows, workerId)))).filter(
      (each) => each !== null,
    );
    const [{ running }] = (await rows.query(`SELECT count(*)::int AS running FROM jobs WHERE state = 'claimed'`)) as [
      { running: number },
    ];
    // SKIP LOCKED may show a worker less than there is, never more; one of them always gets one.
    expect(running).toBe(claims.length);
    expect(running).toBeGreaterThanOrEqual(1);
    expect(running).toBeLessThanOrEqual(3);
    for (const each of claims) {
      await rows.transaction((query) => fail(query, each.job, problem));
      ended.push(runOf(each)!);
    }
  }
  expect(new Set(ended).size).toBe(12);
});

test('a run whose worker was lost keeps its place until it is taken over: a slow worker may come back', async () => {
  await using rows = await createRunRows();
  const [lost, waiting] = [await rows.addRun(), await rows.addRun()];
  await limit(rows, rows.projectId, 1);
  const first = await claimTraining(rows);
  await rows.query('UPDATE jobs SET priority = 100 WHERE run_id = $1', [waiting]);
  const workerId = await rows.addWorker();
  expect(await claim(rows, workerId)).toBeNull();

  await expireLease(rows.query, first.job.id);
  const again = await claim(rows, workerId);
  expect(runOf(again)).toBe(lost);
  expect(again?.job.attempt).toBe(2);
  expect(await claim(rows, workerId)).toBeNull();

  await expireLease(rows.query, first.job.id);
  await rows.transaction((query) => requestCancel(query, lost));
  expect(runOf(await claim(rows, workerId))).toBe(waiting);
});

test('a limit below what runs leaves that alone, and lets nothing new begin', async () => {
  await using rows = await createRunRows();
  const [first, second] = [await rows.addRun(), await rows.addRun()];
  const [one, two] = [await claimTraining(rows), await claimTraining(rows)];
  await limit(rows, rows.projectId, 1);
  const third = await rows.addRun();
  const workerId = await rows.addWorker();

  await rows.transaction((query) => fail(query, one.job, problem));
  expect(await claim(rows, workerId)).toBeNull();
  await rows.transaction((query) => fail(query, two.job, problem));
  expect(runOf(await claim(rows, workerId))).toBe(third);
  expect([one.runId, two.runId]).toEqual([first, second]);
});

test.each([
  ['fails', (rows: RunRows, { job }: Claim) => rows.transaction((query) => fail(query, job, problem))],
  ['is given back', (rows: RunRows, { job }: Claim) => rows.transaction((query) => stop(query, job))],
] as const)('workers are woken when a run of a limited project %s', async (_, end) => {
  await using rows = await createRunRows();
  await rows.addRun();
  await limit(rows, rows.projectId, 1);
  const claimed = await claimTraining(rows);
  const listener = await rows.pool.connect();
  await listener.query(`LISTEN ${channels.jobQueued}`);
  const woken = once(listener, 'notification');
  await end(rows, claimed);
  expect((await woken)[0]).toMatchObject({ channel: channels.jobQueued, payload: 'training' });
  listener.release();
  expect((await jobOf(rows.query, claimed.runId))?.state).not.toBe('claimed');
});
