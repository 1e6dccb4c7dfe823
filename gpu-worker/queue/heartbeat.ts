import type { Query } from '../../src/protocol/sql/query.js';
import { AttemptOver } from './attempt-over.js';
import { unwanted } from './generation-row.js';
import type { HeldJob } from './job-row.js';

export type Desired = 'RUN' | 'PAUSE' | 'CANCEL';

/**
 * Extends the lease and returns the user's wish for the run, import, export, batch prediction or generation (RUN
 * for other jobs). A generation that nobody listens to any more is not wanted. An expired lease that no worker took is
 * simply extended: nothing was lost.
 * @throws AttemptOver when another worker has the job
 */
export async function heartbeat(query: Query, job: HeldJob, leaseSeconds: number): Promise<Desired> {
  const [row] = await query<{ desired: Desired }>(
    `UPDATE jobs
        SET lease_until = now() + make_interval(secs => $3)
      WHERE id = $1 AND attempt = $2 AND state = 'claimed'
  RETURNING coalesce(
              (SELECT desired FROM runs WHERE id = jobs.run_id),
              (SELECT desired FROM model_imports WHERE id = jobs.import_id),
              (SELECT desired FROM model_exports WHERE id = jobs.export_id),
              (SELECT desired FROM batch_predictions WHERE id = jobs.batch_prediction_id),
              (SELECT desired FROM preparations WHERE id = jobs.preparation_id),
              (SELECT desired FROM dataset_reports WHERE id = jobs.dataset_report_id),
              (SELECT desired FROM dataset_exports WHERE id = jobs.dataset_export_id),
              (SELECT desired FROM model_recommendations WHERE id = jobs.recommendation_id),
              (SELECT desired FROM feedback_item_sources WHERE id = jobs.item_source_id),
              (SELECT desired FROM scored_samples WHERE id = jobs.samples_id),
              (SELECT CASE WHEN ${unwanted} THEN 'CANCEL' ELSE 'RUN' END FROM generations g WHERE g.id = jobs.generation_id),
              'RUN') AS desired`,
    [job.id, job.attempt, leaseSeconds],
  );
  if (row === undefined) throw new AttemptOver(job.id, job.attempt);
  return row.desired;
}
