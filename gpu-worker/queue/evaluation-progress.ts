import { channels } from '../../src/protocol/channels.js';
import type { EvaluationProgress } from '../../src/protocol/job.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { HeldJob } from './job-row.js';

/** Writes an evaluation's progress, and notifies subscribers, if the job's attempt still holds it; else nothing. */
export async function writeEvaluationProgress(
  query: Query,
  job: HeldJob,
  evaluationId: string,
  progress: EvaluationProgress,
): Promise<void> {
  await query(
    `WITH held AS (
       -- Locked, so that a claim of the next attempt comes before or after this write, not amid it.
       SELECT FROM jobs WHERE id = $2 AND attempt = $3 AND state = 'claimed' FOR SHARE
     ), written AS (
       UPDATE evaluations SET progress = $4 WHERE id = $1 AND EXISTS (SELECT FROM held) RETURNING id
     )
     SELECT pg_notify('${channels.transfers}', id::text) FROM written`,
    [evaluationId, job.id, job.attempt, JSON.stringify(progress)],
  );
}
