import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { TransferStatus } from '../protocol/job.js';
import { endGeneration } from '../protocol/sql/generation-log.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * Cancels a generation in the caller's transaction: a waiting one at once, a running one when its worker sees the
 * request. The job is locked first, because the worker locks in that order. Canceling again changes nothing.
 * @returns the generation's status before; null: there is no such generation
 */
export async function requestGenerationCancel(query: Query, id: string): Promise<TransferStatus | null> {
  const [job] = await query<{ jobId: string; held: boolean }>(
    `SELECT id AS "jobId", state = 'claimed' AND lease_until >= clock_timestamp() AS held
       FROM jobs WHERE generation_id = $1 FOR UPDATE`,
    [id],
  );
  const [row] = await query<{ status: TransferStatus }>('SELECT status FROM generations WHERE id = $1 FOR UPDATE', [
    id,
  ]);
  if (job === undefined || row === undefined) return null;
  const { status } = row;
  if (status !== 'QUEUED' && status !== 'RUNNING') return status;
  await query(`UPDATE generations SET desired = 'CANCEL' WHERE id = $1`, [id]);
  if (job.held) {
    await query('SELECT pg_notify($1, $2)', [channels.runControl, id]);
    return status;
  }
  await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [job.jobId]);
  await endGeneration(query, id, 'CANCELED', null);
  return status;
}

/** Cancels a generation by request. Throws ProblemsError NOT_FOUND, and CONFLICT when it has ended otherwise. */
export async function cancelGeneration(query: Query, id: string): Promise<void> {
  const status = await requestGenerationCancel(query, id);
  if (status === null) {
    throw new ProblemsError([problem(['generationId'], 'NOT_FOUND', 'There is no generation with this id.')]);
  }
  if (status === 'SUCCEEDED' || status === 'FAILED') {
    const message = `The generation has ended already: ${status}.`;
    throw new ProblemsError([problem(['generationId'], 'CONFLICT', message)]);
  }
}
