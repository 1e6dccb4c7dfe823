import { channels } from '../../src/protocol/channels.js';
import type { JobPayload } from '../../src/protocol/job.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { JobProgress } from '../thread-protocol.js';
import type { HeldJob } from './job-row.js';
import { type Transfer, transferOf } from './transfer-row.js';

/** The row that shows how far a job has come. */
type ProgressRow = Transfer | { readonly table: 'evaluations'; readonly id: string };

/** The row of a job's progress; null for a training, whose events tell of it, and for a prediction. */
export function progressRowOf(payload: JobPayload): ProgressRow | null {
  return payload.kind === 'evaluate' ? { table: 'evaluations', id: payload.evaluationId } : transferOf(payload);
}

/** Writes the job's progress, and notifies subscribers, if its attempt still holds the job; else nothing. */
export async function writeProgress(
  query: Query,
  job: HeldJob,
  { table, id }: ProgressRow,
  progress: JobProgress,
): Promise<void> {
  await query(
    `WITH held AS (
       -- Locked, so that a claim of the next attempt comes before or after this write, not amid it.
       SELECT FROM jobs WHERE id = $2 AND attempt = $3 AND state = 'claimed' FOR SHARE
     ), written AS (
       UPDATE ${table} SET progress = $4 WHERE id = $1 AND EXISTS (SELECT FROM held) RETURNING id
     )
     SELECT pg_notify('${channels.transfers}', id::text) FROM written`,
    [id, job.id, job.attempt, JSON.stringify(progress)],
  );
}
