import { channels } from '../protocol/channels.js';
import { type JobKind, type JobPayload, laneOf } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * Someone waits for a prediction, an evaluation has time; an export is quicker than an import. Lanes compete with themselves only: in that of
 * training the priority is the experiment's.
 */
const priorityOf: Readonly<Record<JobKind, number>> = {
  train: 0,
  evaluate: 0,
  predict: 10,
  import: 0,
  export: 10,
};

/**
 * Queues a job, in the transaction that writes what it is about. Idle workers of its lane wake at COMMIT.
 *
 * id: a new UUID, by which a caller may wait for the result (job-settled.ts). priority: the higher the sooner; default: the kind's.
 */
export async function enqueueJob(
  query: Query,
  job: { readonly id: string; readonly projectId: string; readonly payload: JobPayload; readonly priority?: number },
): Promise<void> {
  const { id, projectId, payload } = job;
  const lane = laneOf[payload.kind];
  await query(
    `INSERT INTO jobs (id, project_id, kind, lane, run_id, evaluation_id, import_id, export_id, payload, priority)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      projectId,
      payload.kind,
      lane,
      payload.kind === 'train' ? payload.runId : null,
      payload.kind === 'evaluate' ? payload.evaluationId : null,
      payload.kind === 'import' ? payload.importId : null,
      payload.kind === 'export' ? payload.exportId : null,
      JSON.stringify(payload),
      job.priority ?? priorityOf[payload.kind],
    ],
  );
  await query('SELECT pg_notify($1, $2)', [channels.jobQueued, lane]);
}
