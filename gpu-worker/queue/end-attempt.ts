import type { RunStatus } from '../../src/protocol/run-status.js';
import { changeRunStatus } from '../../src/protocol/sql/change-status.js';
import type { Query } from '../../src/protocol/sql/query.js';

export type AttemptOutcome = 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'PAUSED' | 'RELEASED' | 'LOST';

/** The state of a run whose attempt stopped before its end: the user's wish, else queued again. */
export type NextState = 'canceled' | 'paused' | 'queued';

export async function recordAttemptEnd(
  query: Query,
  attempt: { readonly runId: string; readonly attempt: number },
  outcome: AttemptOutcome,
): Promise<void> {
  await query(
    `UPDATE run_attempts SET ended_at = now(), outcome = $3 WHERE run_id = $1 AND attempt = $2 AND ended_at IS NULL`,
    [attempt.runId, attempt.attempt, outcome],
  );
}

/** Locks the run and reads its next state. The job's row must be locked already. */
export async function nextStateOf(query: Query, runId: string): Promise<NextState> {
  const [run] = await query<{ status: RunStatus; desired: 'RUN' | 'PAUSE' | 'CANCEL' }>(
    'SELECT status, desired FROM runs WHERE id = $1 FOR UPDATE',
    [runId],
  );
  if (run === undefined) throw new Error(`Run ${runId} does not exist.`);
  if (run.status === 'CANCELING') return 'canceled';
  return run.desired === 'PAUSE' ? 'paused' : 'queued';
}

/** Changes the status of a run whose job has just left `claimed`. Throws when the transition is not allowed. */
export async function moveRun(
  query: Query,
  runId: string,
  to: RunStatus,
  reason: string | null,
  problem: Parameters<typeof changeRunStatus>[1]['problem'] = null,
): Promise<void> {
  const from = await changeRunStatus(query, { runId, to, reason, problem }, null);
  if (from === null) throw new Error(`Run ${runId} can't become ${to} from its present status.`);
}
