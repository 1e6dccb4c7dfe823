import { randomUUID } from 'node:crypto';
import { enqueueJob } from '../jobs/enqueue-job.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { RunSpec } from '../protocol/methods/index.js';
import { isTerminal, type RunStatus } from '../protocol/run-status.js';
import { appendRunEvents } from '../protocol/sql/append-events.js';
import { changeRunStatus } from '../protocol/sql/change-status.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * Operations of users on a run. Each function runs in the caller's transaction. The job is locked first, then the run,
 * because the worker locks in that order.
 */

/**
 * `status` is the run's status afterwards. Not accepted: the run's status does not allow the operation, and nothing was
 * changed.
 */
export interface RunControlResult {
  readonly accepted: boolean;
  readonly status: RunStatus;
}

/** Writes a run with its first event and its job. The experiment's row must exist. */
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

/**
 * Cancels a run: a waiting one at once, a running one within a step; it is CANCELING until its worker has stopped.
 * Canceling again is accepted.
 */
export async function requestCancel(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, held } = await lockRun(query, runId);
  if (isTerminal(status)) return { accepted: status === 'CANCELED', status };
  if (!held) {
    await changeRunStatus(query, { runId, to: 'CANCELED', reason: 'Canceled by the user' }, null);
    await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [jobId]);
    await query(`UPDATE run_attempts SET ended_at = now(), outcome = 'LOST' WHERE run_id = $1 AND ended_at IS NULL`, [
      runId,
    ]);
    // The worker was lost, or the run waited: if the project limits running experiments, another one may start now.
    await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
    return { accepted: true, status: 'CANCELED' };
  }
  if (status === 'CANCELING') return { accepted: true, status };
  await changeRunStatus(query, { runId, to: 'CANCELING', reason: 'Canceled by the user' }, null);
  await tellWorker(query, runId, 'CANCEL');
  return { accepted: true, status: 'CANCELING' };
}

/**
 * Pauses a run: a waiting one at once, a running one once its worker has written a checkpoint; until then its status
 * stays.
 */
export async function requestPause(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, held } = await lockRun(query, runId);
  if (status === 'PAUSED') return { accepted: true, status };
  if (isTerminal(status) || status === 'CANCELING') return { accepted: false, status };
  if (held) {
    await tellWorker(query, runId, 'PAUSE');
    return { accepted: true, status };
  }
  if (status !== 'QUEUED') {
    // The worker is lost, and no other has noticed it yet: the next claim finds the request.
    await tellWorker(query, runId, 'PAUSE');
    return { accepted: true, status };
  }
  await changeRunStatus(query, { runId, to: 'PAUSED', reason: 'Paused by the user' }, null);
  await query(`UPDATE runs SET desired = 'PAUSE' WHERE id = $1`, [runId]);
  await query(`UPDATE jobs SET state = 'paused' WHERE id = $1`, [jobId]);
  return { accepted: true, status: 'PAUSED' };
}

/**
 * Queues a paused run again; it resumes from its last checkpoint. A pause that the worker has not yet followed is
 * withdrawn.
 */
export async function resumeRun(query: Query, runId: string): Promise<RunControlResult> {
  const { jobId, status, desired } = await lockRun(query, runId);
  if (status !== 'PAUSED') {
    // A pause that came too late stays requested: an ended run can't resume.
    if (isTerminal(status) || desired !== 'PAUSE') return { accepted: false, status };
    await tellWorker(query, runId, 'RUN');
    return { accepted: true, status };
  }
  await changeRunStatus(query, { runId, to: 'QUEUED', reason: 'Resumed by the user' }, null);
  await query(`UPDATE runs SET desired = 'RUN' WHERE id = $1`, [runId]);
  await query(`UPDATE jobs SET state = 'queued' WHERE id = $1`, [jobId]);
  await query('SELECT pg_notify($1, $2)', [channels.jobQueued, 'training']);
  return { accepted: true, status: 'QUEUED' };
}

async function tellWorker(query: Query, runId: string, desired: 'RUN' | 'PAUSE' | 'CANCEL'): Promise<void> {
  await query('UPDATE runs SET desired = $2 WHERE id = $1', [runId, desired]);
  await query('SELECT pg_notify($1, $2)', [channels.runControl, runId]);
}

/**
 * Locks the job and the run. `held`: a worker has the job, and its lease is valid by the database's clock.
 * @throws ProblemsError NOT_FOUND: the experiment was deleted since it was read
 */
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
  if (job === undefined || run === undefined) {
    const message = 'The experiment was there, and has been deleted meanwhile.';
    throw new ProblemsError([problem(['experimentId'], 'NOT_FOUND', message)]);
  }
  return { ...job, ...run };
}
