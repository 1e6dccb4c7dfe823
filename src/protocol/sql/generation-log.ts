import { channels } from '../channels.js';
import type { LoggedGenerationEvent } from '../generation.js';
import type { Problem } from '../run-event.js';
import { storableText } from '../storable-text.js';
import type { Writer } from './append-events.js';
import type { Query } from './query.js';

/**
 * Appends events to a generation's log, in one statement. False when the writer's attempt is over, or this batch was
 * written before. A null writer settles the generation, and is not fenced here.
 *
 * `seq` comes from the generation's row, whose lock is held until COMMIT, so that a reader who goes by "seq > last
 * seen" skips nothing.
 */
export async function appendGenerationEvents(
  query: Query,
  generationId: string,
  events: readonly LoggedGenerationEvent[],
  writer: Writer | null,
): Promise<boolean> {
  const [written] = await query<object>(
    `WITH advanced AS (
       UPDATE generations
          SET last_seq = last_seq + cardinality($2::text[]), batch = coalesce($4, batch)
        WHERE id = $1
          AND ($3::int IS NULL OR (attempt = $3 AND batch = $4::bigint - 1 AND status = 'RUNNING'))
    RETURNING last_seq
     ), written AS (
       INSERT INTO generation_events (generation_id, seq, payload)
       SELECT $1, last_seq - cardinality($2::text[]) + ordinal, payload::jsonb
         FROM advanced, unnest($2::text[]) WITH ORDINALITY AS event (payload, ordinal)
     )
     SELECT pg_notify('${channels.generationEvents}', $1 || ':' || last_seq) FROM advanced`,
    [generationId, events.map(storablePayload), writer?.attempt ?? null, writer?.batch ?? null],
  );
  return written !== undefined;
}

/** Ends a generation and its log, in the transaction that settles its job. */
export async function endGeneration(
  query: Query,
  generationId: string,
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELED',
  problem: Problem | null,
): Promise<void> {
  await query('UPDATE generations SET status = $2, problem = $3, finished_at = now() WHERE id = $1', [
    generationId,
    status,
    problem === null ? null : JSON.stringify(problem),
  ]);
  await appendGenerationEvents(query, generationId, [{ kind: 'ended', status, problem }], null);
}

/** A model may write what PostgreSQL can not store. */
function storablePayload(event: LoggedGenerationEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}
