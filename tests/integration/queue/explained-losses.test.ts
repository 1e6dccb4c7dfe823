import { expect, test } from 'vitest';
import { claimJob } from '../../../gpu-worker/queue/claim.js';
import { noteWorkerEnding } from '../../../src/protocol/sql/note-worker-ending.js';
import type { WorkerEnding } from '../../../src/protocol/worker-ending.js';
import { claimTraining, loseAndClaim } from '../../support/claimed-run.js';
import { createRunRows, engine, expireLease, type RunRows } from '../../support/run-rows.js';

/** The problem of a run whose third worker was lost after `happens`. */
async function problemAfter(happens: (rows: RunRows, workerId: string) => Promise<unknown>) {
  await using rows = await createRunRows();
  await rows.addRun();
  let claim = await claimTraining(rows);
  claim = await loseAndClaim(rows, claim);
  await expireLease(rows.query, claim.job.id);
  const workerId = await rows.addWorker();
  await rows.query(`UPDATE workers SET process_id = 42, last_seen_at = '2026-01-02T03:04:05Z' WHERE id = $1`, [
    workerId,
  ]);
  claim = await claimTraining(rows, workerId);
  await expireLease(rows.query, claim.job.id);
  await happens(rows, workerId);
  const last = await rows.addWorker();
  expect(await claimJob(rows.pool, { workerId: last, lane: 'training', leaseSeconds: 30, engine })).toBeNull();
  const [run] = await rows.query<{ problem: { code: string; message: string; hint: string } }>(
    'SELECT problem FROM runs',
  );
  expect(run!.problem.code).toBe('WORKER_LOST');
  return run!.problem;
}

const ended = (ending: WorkerEnding) =>
  problemAfter((rows) => noteWorkerEnding(rows.query, { host: 'test', processId: 42 }, ending));

test.each([
  [{ kind: 'signal', signal: 'SIGKILL' }, 'was ended by SIGKILL.', ['oom-kill', 'smaller batch size']],
  [{ kind: 'signal', signal: 'SIGTERM' }, 'was ended by SIGTERM.', ['restarts it']],
  [{ kind: 'signal', signal: 'SIGABRT' }, 'was ended by SIGABRT.', ['heap out of memory']],
  [{ kind: 'signal', signal: 'SIGSEGV' }, 'was ended by SIGSEGV.', ['crash in native code']],
  [{ kind: 'exit', code: 1 }, 'ended with exit code 1.', ['last lines of the worker’s log']],
  [{ kind: 'stalled', silenceMs: 130_400 }, 'no sign of life for 130 s.', ['stuck', 'swaps']],
] as const)('a worker that ended by %o', async (ending, how, hints) => {
  const { message, hint } = await ended(ending);
  expect(message).toContain(
    '3 workers in a row were lost with this job, and none of them wrote a new checkpoint. The last one, process 42 on test, ',
  );
  expect(message).toContain(how);
  for (const each of hints) expect(hint).toContain(each);
});

test('a worker of which nothing is known but its last sign of life', async () => {
  const { message, hint } = await problemAfter(async () => undefined);
  expect(message).toContain('gave its last sign of life at 2026-01-02T03:04:05.000Z; nobody saw how it ended.');
  expect(hint).toContain('oom-kill');
});

test('a worker that still runs', async () => {
  const { message, hint } = await problemAfter((rows, id) =>
    rows.query('UPDATE workers SET last_seen_at = now() WHERE id = $1', [id]),
  );
  expect(message).toContain('still runs, and did not extend its lease on this job in time.');
  expect(hint).toContain('ATTUNE_LEASE_SECONDS');
});

test('what a worker says of its own end is kept, and one that stopped in order has none', async () => {
  await using rows = await createRunRows();
  const id = await rows.addWorker();
  const worker = { host: 'test', processId: 1 };
  await noteWorkerEnding(rows.query, worker, { kind: 'stalled', silenceMs: 1 });
  await noteWorkerEnding(rows.query, worker, { kind: 'signal', signal: 'SIGKILL' });
  expect(await rows.query('SELECT ending FROM workers WHERE id = $1', [id])).toEqual([
    { ending: { kind: 'stalled', silenceMs: 1 } },
  ]);
  const next = await rows.addWorker();
  await rows.query('UPDATE workers SET stopped_at = now() WHERE id = $1', [next]);
  await noteWorkerEnding(rows.query, worker, { kind: 'exit', code: 0 });
  expect(await rows.query('SELECT ending FROM workers WHERE id = $1', [next])).toEqual([{ ending: null }]);
});
