import { randomUUID } from 'node:crypto';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { channels } from '../protocol/channels.js';
import type { RunSpec } from '../protocol/methods/index.js';
import { isTerminal, type RunStatus } from '../protocol/run-status.js';
import { appendRunEvents } from '../protocol/sql/append-events.js';
import { changeRunStatus } from '../protocol/sql/change-status.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * What users do to a run. Each function runs in one transaction of the caller's. Locks are taken job first, then run: in the order
 * the worker takes them.
 */

/** `status` is the run's status afterwards. Not accepted: the run is not in a state for it, and nothing was changed. */
export interface RunControlResult {
  readonly accepted: boolean;
  readonly status: RunStatus;
}

/** Writes a run with its first event and its job. The experiment's row must be there. */
export async function enqueueRun(
  query: Query,
  run: {
    readonly runId: string;
    readonly experimentId: string;
    readonly projectId: string;
    readonly spec: RunSpec;
    /** From -100 to 100. */
    readonly priority?: number;
  },
): Promise<void> {
  const { runId, experimentId, projectId, spec, priority = 0 } = run;
  await query(`INSERT INTO runs (id, experiment_id, status) VALUES ($1, $2, 'QUEUED')`, [runId, experimentId]);
  await appendRunEvents(
    query,
    runId,
    [{ kind: 'statusChanged', from: null, to: 'QUEUED', reason: null, problem: null }],
    null,
  );
  await enqueueJob(query, { id: randomUUID(), projectId, payload: { kind: 'train', runId, spec }, priority });
}

/** A waiting run ends at once, a running one within a step: CANCELING until its worker has stopped. Asking twice is accepted. */
export async function requestCancel(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, held } = await lockRun(query, runId);
  if (isTerminal(status)) return { accepted: status === 'CANCELED', status };
  if (!held) {
    await changeRunStatus(query, { runId, to: 'CANCELED', reason: 'Canceled by the user' }, null);
    await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [jobId]);
    await query(`UPDATE run_attempts SET ended_at = now(), outcome = 'LOST' WHERE run_id = $1 AND ended_at IS NULL`, [
      runId,
    ]);
    // Its worker was lost, or it waited: where few may run at once, another one may now.
    await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
    return { accepted: true, status: 'CANCELED' };
  }
  if (status === 'CANCELING') return { accepted: true, status };
  await changeRunStatus(query, { runId, to: 'CANCELING', reason: 'Canceled by the user' }, null);
  await tellWorker(query, runId, 'CANCEL');
  return { accepted: true, status: 'CANCELING' };
}

/** A waiting run is paused at once; a running one when its worker has written a checkpoint, until when its status stays. */
export async function requestPause(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, held } = await lockRun(query, runId);
  if (status === 'PAUSED') return { accepted: true, status };
  if (isTerminal(status) || status === 'CANCELING') return { accepted: false, status };
  if (held) {
    await tellWorker(query, runId, 'PAUSE');
    return { accepted: true, status };
  }
  if (status !== 'QUEUED') {
    // Its worker is lost, and no other has noticed yet: the next claim finds the wish.
    await tellWorker(query, runId, 'PAUSE');
    return { accepted: true, status };
  }
  await changeRunStatus(query, { runId, to: 'PAUSED', reason: 'Paused by the user' }, null);
  await query(`UPDATE runs SET desired = 'PAUSE' WHERE id = $1`, [runId]);
  await query(`UPDATE jobs SET state = 'paused' WHERE id = $1`, [jobId]);
  return { accepted: true, status: 'PAUSED' };
}

/** Queues a paused run again; it goes on from its last checkpoint. A pause that its worker has not followed yet is taken back. */
export async function resumeRun(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, desired } = await lockRun(query, runId);
  if (status !== 'PAUSED') {
    // A pause that came too late stays wished for: an ended run has nothing to take it back for.
    if (isTerminal(status) || desired !== 'PAUSE') return { accepted: false, status };
    await tellWorker(query, runId, 'RUN');
    return { accepted: true, status };
  }
  await changeRunStatus(query, { runId, to: 'QUEUED', reason: 'Resumed by the user' }, null);
  await query(`UPDATE runs SET desired = 'RUN' WHERE id = $1`, [runId]);
  await query(`UPDATE jobs SET state = 'queued', available_at = now() WHERE id = $1`, [jobId]);
  await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
  return { accepted: true, status: 'QUEUED' };
}

async function tellWorker(query: Query, runId: string, desired: 'RUN' | 'PAUSE' | 'CANCEL'): Promise<void> {
  await query('UPDATE runs SET desired = $2 WHERE id = $1', [runId, desired]);
  await query('SELECT pg_notify($1, $2)', [channels.runControl, runId]);
}

/** Locks the job and the run. `held`: a worker has it and its lease runs, by the database's clock. */
async function lockRun(
  query: Query,
  runId: string,
): Promise<{ jobId: string; held: boolean; status: RunStatus; desired: 'RUN' | 'PAUSE' | 'CANCEL' }> {
  const [job] = await query<{ jobId: string; held: boolean }>(
    `SELECT id AS "jobId", state = 'claimed' AND lease_until >= clock_timestamp() AS held
       FROM jobs WHERE run_id = $1 FOR UPDATE`,
    [runId],
  );
  const [run] = await query<{ status: RunStatus; desired: 'RUN' | 'PAUSE' | 'CANCEL' }>(
    'SELECT status, desired FROM runs WHERE id = $1 FOR UPDATE',
    [runId],
  );
  if (job === undefined || run === undefined) throw new Error(`Run ${runId} does not exist.`);
  return { ...job, ...run };
}
