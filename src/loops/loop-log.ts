import { channels } from '../protocol/channels.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';
import { storableText } from '../protocol/storable-text.js';
import { type LoggedLoopEvent, type LoopEndReason, type LoopStatus, loopTransitions } from './loop.js';

/**
 * Appends events to a loop's log. `seq` comes from the loop's row, whose lock is held until COMMIT, so that a reader
 * who goes by "seq > last seen" skips nothing.
 */
export async function appendLoopEvents(
  query: Query,
  loopId: string,
  events: readonly LoggedLoopEvent[],
): Promise<void> {
  const written = await query(
    `WITH advanced AS (
       UPDATE feedback_loops SET last_seq = last_seq + cardinality($2::text[]) WHERE id = $1 RETURNING id, last_seq
     ), written AS (
       INSERT INTO feedback_loop_events (loop_id, seq, payload)
       SELECT id, last_seq - cardinality($2::text[]) + ordinal, payload::jsonb
         FROM advanced, unnest($2::text[]) WITH ORDINALITY AS event (payload, ordinal)
     )
     SELECT pg_notify('${channels.feedbackLoops}', id || ':' || last_seq) FROM advanced`,
    [loopId, events.map(storablePayload)],
  );
  if (written.length === 0) throw new Error(`The feedback loop ${loopId} does not exist.`);
}

/**
 * Changes a loop's status, and tells its log. The caller holds the loop's lock.
 * @returns whether the status may follow the present one; if not, nothing has changed
 */
export async function changeLoopStatus(
  query: Query,
  loop: { readonly id: string; readonly status: LoopStatus },
  to: LoopStatus,
  {
    endReason = null,
    problem = null,
  }: { readonly endReason?: LoopEndReason | null; readonly problem?: Problem | null },
): Promise<boolean> {
  if (!loopTransitions[loop.status].includes(to)) return false;
  const stored = problem === null ? null : storedProblem(problem);
  await query(
    `UPDATE feedback_loops
        SET status = $2, end_reason = $3, problem = $4, busy_until = NULL, failed_tries = 0,
            ended_at = CASE WHEN $2 = 'ENDED' THEN now() END
      WHERE id = $1`,
    [loop.id, to, endReason, stored === null ? null : JSON.stringify(stored)],
  );
  await appendLoopEvents(query, loop.id, [
    { kind: 'statusChanged', from: loop.status, to, endReason, problem: stored },
  ]);
  return true;
}

function storedProblem({ path, code, message, hint }: Problem) {
  return { path: [...path], code, message: storableText(message), hint: hint === null ? null : storableText(hint) };
}

/** Problems name what people wrote, and they may write what PostgreSQL can not store. */
function storablePayload(event: LoggedLoopEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}
