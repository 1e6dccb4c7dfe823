import { currentScope } from '../database/operation-scope.js';
import { channels } from '../protocol/channels.js';
import { type JobKind, type JobPayload, laneOf } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * A person waits for a prediction, reads a text as it is written, and leaves an evaluation its time; an export is
 * quicker than an import. Jobs compete only within their lane; in the training lane the experiment sets the priority.
 */
const priorityOf: Readonly<Record<JobKind, number>> = {
  train: 0,
  evaluate: 0,
  predict: 10,
  generate: 5,
  predictBatch: 0,
  import: 0,
  export: 10,
  prepare: 0,
  preview: 0,
  inspect: 0,
  report: 0,
  exportRows: 0,
  recommend: 0,
  makeItems: 0,
  scoreSamples: 0,
};

/**
 * Queues a job, in the transaction that writes the job's run, evaluation or transfer. Idle workers of its lane wake at
 * COMMIT.
 *
 * @param job `id`: a new UUID, by which a caller may wait for the result (job-settled.ts); `priority`: higher runs
 * sooner; default: the kind's priority
 */
export async function enqueueJob(
  query: Query,
  job: { readonly id: string; readonly projectId: string; readonly payload: JobPayload; readonly priority?: number },
): Promise<void> {
  const { id, projectId, payload } = job;
  const lane = laneOf(payload);
  const request = currentScope()?.request ?? null;
  const queueing = request?.traced?.current?.child(`queue ${payload.kind}`, {
    kind: 'producer',
    attributes: { 'attune.job.id': id, 'attune.job.kind': payload.kind },
  });
  await query(
    `INSERT INTO jobs (id, project_id, kind, lane, run_id, evaluation_id, import_id, export_id, batch_prediction_id,
       generation_id, preparation_id, dataset_report_id, dataset_export_id, recommendation_id, item_source_id, samples_id,
       payload, priority, request_id, traceparent)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      id,
      projectId,
      payload.kind,
      lane,
      payload.kind === 'train' ? payload.runId : null,
      payload.kind === 'evaluate' ? payload.evaluationId : null,
      payload.kind === 'import' ? payload.importId : null,
      payload.kind === 'export' ? payload.exportId : null,
      payload.kind === 'predictBatch' ? payload.batchPredictionId : null,
      payload.kind === 'generate' ? payload.generationId : null,
      payload.kind === 'prepare' ? payload.preparationId : null,
      payload.kind === 'report' ? payload.reportId : null,
      payload.kind === 'exportRows' ? payload.datasetExportId : null,
      payload.kind === 'recommend' ? payload.recommendationId : null,
      payload.kind === 'makeItems' ? payload.itemSourceId : null,
      payload.kind === 'scoreSamples' ? payload.samplesId : null,
      JSON.stringify(payload),
      job.priority ?? priorityOf[payload.kind],
      request?.id ?? null,
      queueing?.traceparent ?? null,
    ],
  );
  await query('SELECT pg_notify($1, $2)', [channels.jobQueued, lane]);
  queueing?.end();
}
