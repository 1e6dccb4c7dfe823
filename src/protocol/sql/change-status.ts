import { channels } from '../channels.js';
import type { Problem, RunEvent } from '../run-event.js';
import { isTerminal, type RunStatus, statusesBefore } from '../run-status.js';
import type { Writer } from './append-events.js';
import type { Query } from './query.js';

export interface StatusChange {
  readonly runId: string;
  readonly to: RunStatus;
  readonly reason: string | null;
  readonly problem?: Problem | null;
}

/**
 * Changes a run's status and appends its `statusChanged` event, inside a transaction of the caller. No other code
 * changes a status. Returns the former status, or null when the transition is not allowed from the run's status
 * (run-status.ts), the writer's attempt is over, or this batch was written before. A null writer is the API, or a
 * worker that holds the job's row lock.
 */
export async function changeRunStatus(
  query: Query,
  change: StatusChange,
  writer: Writer | null,
): Promise<RunStatus | null> {
  const { runId, to, reason, problem = null } = change;
  const [changed] = await query<{ from: RunStatus; lastSeq: string; attempt: number }>(
    `WITH former AS (SELECT id, status FROM runs WHERE id = $1 FOR UPDATE)
     UPDATE runs
        SET status = $2,
            last_seq = runs.last_seq + 1,
            batch = coalesce($5, runs.batch),
            problem = coalesce($6::jsonb, runs.problem),
            started_at = CASE WHEN $2 = 'PREPARING' THEN coalesce(runs.started_at, now()) ELSE runs.started_at END,
            finished_at = CASE WHEN $7 THEN now() END
       FROM former
      WHERE runs.id = former.id
        AND former.status = ANY($3)
        AND ($4::int IS NULL OR (runs.attempt = $4 AND runs.batch = $5::bigint - 1))
  RETURNING former.status AS "from", runs.last_seq AS "lastSeq", runs.attempt,
            pg_notify('${channels.runEvents}', runs.id || ':' || runs.last_seq)`,
    [
      runId,
      to,
      statusesBefore(to),
      writer?.attempt ?? null,
      writer?.batch ?? null,
      problem === null ? null : JSON.stringify(problem),
      isTerminal(to),
    ],
  );
  if (changed === undefined) return null;
  const event: RunEvent = { kind: 'statusChanged', from: changed.from, to, reason, problem };
  await query('INSERT INTO run_events (run_id, seq, attempt, kind, payload) VALUES ($1, $2, $3, $4, $5)', [
    runId,
    changed.lastSeq,
    changed.attempt,
    event.kind,
    JSON.stringify(event),
  ]);
  return changed.from;
}
