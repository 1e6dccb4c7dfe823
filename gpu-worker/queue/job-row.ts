import { channels } from '../../src/protocol/channels.js';
import type { JobKind } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { AttemptOver } from './attempt-over.js';

export type JobState = 'queued' | 'claimed' | 'paused' | 'succeeded' | 'failed' | 'canceled';

/** A claimed job as its worker refers to it: by id and fencing token. */
export interface HeldJob {
  readonly id: string;
  readonly attempt: number;
}

export interface JobRow {
  readonly kind: JobKind;
  readonly runId: string | null;
  readonly evaluationId: string | null;
  readonly importId: string | null;
  readonly exportId: string | null;
  readonly batchPredictionId: string | null;
  readonly generationId: string | null;
  readonly preparationId: string | null;
  readonly datasetReportId: string | null;
  readonly datasetExportId: string | null;
  readonly recommendationId: string | null;
  readonly itemSourceId: string | null;
  readonly samplesId: string | null;
  readonly projectId: string;
}

/** A job that a worker may claim: queued, or held by a worker whose lease has expired. */
export interface ClaimableJob {
  readonly id: string;
  readonly projectId: string;
  readonly kind: JobKind;
  readonly runId: string | null;
  readonly evaluationId: string | null;
  readonly importId: string | null;
  readonly exportId: string | null;
  readonly batchPredictionId: string | null;
  readonly generationId: string | null;
  readonly preparationId: string | null;
  readonly datasetReportId: string | null;
  readonly datasetExportId: string | null;
  readonly recommendationId: string | null;
  readonly itemSourceId: string | null;
  readonly samplesId: string | null;
  readonly payload: unknown;
  readonly attempt: number;
  readonly fruitlessAttempts: number;
  readonly lost: boolean;
  readonly requestId: string | null;
  readonly traceparent: string | null;
}

const settledStates: ReadonlySet<JobState> = new Set(['succeeded', 'failed', 'canceled']);

/**
 * Moves a job out of `claimed`, if `attempt` still holds it, and locks its row. Null when this change was already made:
 * the answer to a COMMIT was lost, and the caller repeats it.
 * @throws AttemptOver when the attempt no longer holds the job
 */
export async function leaveClaimed(
  query: Query,
  job: HeldJob,
  to: JobState,
  outcome: { readonly result?: unknown; readonly problem?: Problem } = {},
): Promise<JobRow | null> {
  const [row] = await query<JobRow>(
    `UPDATE jobs
        SET state = $3, result = $4, problem = $5, lease_until = NULL,
            settled_at = CASE WHEN $6 THEN now() END
      WHERE id = $1 AND attempt = $2 AND state = 'claimed'
  RETURNING kind, run_id AS "runId", evaluation_id AS "evaluationId", import_id AS "importId", export_id AS "exportId",
            batch_prediction_id AS "batchPredictionId", generation_id AS "generationId", preparation_id AS "preparationId",
            dataset_report_id AS "datasetReportId", dataset_export_id AS "datasetExportId",
            recommendation_id AS "recommendationId", item_source_id AS "itemSourceId",
            samples_id AS "samplesId", project_id AS "projectId"`,
    [
      job.id,
      job.attempt,
      to,
      outcome.result === undefined ? null : JSON.stringify(outcome.result),
      outcome.problem === undefined ? null : JSON.stringify(outcome.problem),
      settledStates.has(to),
    ],
  );
  if (row !== undefined) {
    if (row.runId !== null) await wakeForPlace(query, row.projectId);
    return row;
  }
  const [now] = await query<{ state: JobState; attempt: number }>('SELECT state, attempt FROM jobs WHERE id = $1', [
    job.id,
  ]);
  if (now?.attempt === job.attempt && now.state === to) return null;
  throw new AttemptOver(job.id, job.attempt);
}

/** A run has ended: if its project limits running experiments, one that was passed over may start now. */
async function wakeForPlace(query: Query, projectId: string): Promise<void> {
  await query(`SELECT pg_notify($1, 'training') FROM projects WHERE id = $2 AND max_running_experiments IS NOT NULL`, [
    channels.jobQueued,
    projectId,
  ]);
}
