import { channels } from '../../src/protocol/channels.js';
import type { GenerationEvent } from '../../src/protocol/generation.js';
import type { Writer } from '../../src/protocol/sql/append-events.js';
import { appendGenerationEvents, endGeneration } from '../../src/protocol/sql/generation-log.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { AttemptOver } from './attempt-over.js';
import type { HeldJob } from './job-row.js';

/** Of `generations g`: it was canceled, or nobody listens any more. Null, which is not true, while it is wanted. */
export const unwanted = `(g.desired = 'CANCEL' OR g.listened_until < now())`;

/** Locks the generation and reads whether nobody wants it. The job's row must be locked already. */
export async function isUnwantedGeneration(query: Query, generationId: string): Promise<boolean> {
  const [row] = await query<{ unwanted: boolean | null }>(
    `SELECT ${unwanted} AS unwanted FROM generations g WHERE g.id = $1 FOR UPDATE`,
    [generationId],
  );
  return row?.unwanted === true;
}

/** Cancels a job, before it is claimed, whose generation nobody wants any more. True: it has ended. */
export async function endUnwanted(query: Query, job: HeldJob, generationId: string): Promise<boolean> {
  if (!(await isUnwantedGeneration(query, generationId))) return false;
  await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [job.id]);
  await endGeneration(query, generationId, 'CANCELED', null);
  await query('SELECT pg_notify($1, $2)', [channels.jobSettled, job.id]);
  return true;
}

/** Begins an attempt, whose number fences off the writes of all earlier ones. */
export async function openGeneration(query: Query, generationId: string, attempt: number): Promise<void> {
  await query(
    `UPDATE generations
        SET status = 'RUNNING', attempt = $2, batch = 0, started_at = coalesce(started_at, now())
      WHERE id = $1`,
    [generationId, attempt],
  );
}

/** Writes what the attempt's thread said; a write that is repeated changes nothing. Throws AttemptOver. */
export async function writeGenerated(
  query: Query,
  jobId: string,
  generationId: string,
  events: readonly GenerationEvent[],
  writer: Writer,
): Promise<void> {
  if (await appendGenerationEvents(query, generationId, events, writer)) return;
  const [row] = await query<{ attempt: number; batch: string }>(
    'SELECT attempt, batch FROM generations WHERE id = $1',
    [generationId],
  );
  if (row?.attempt === writer.attempt && Number(row.batch) === writer.batch) return;
  throw new AttemptOver(jobId, writer.attempt);
}
