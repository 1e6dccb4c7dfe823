import { channels } from '../../src/protocol/channels.js';
import type { JobPayload, TransferStatus } from '../../src/protocol/job.js';
import type { Problem } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { JobRow } from './job-row.js';
import { failTaskOfSource } from './register-items.js';

/**
 * The row of an import, export, batch prediction, preparation, report, recommendation, source of items or batch of
 * samples that a job runs: their columns of status and progress are alike.
 */
export interface Transfer {
  readonly table:
    | 'model_imports'
    | 'model_exports'
    | 'batch_predictions'
    | 'preparations'
    | 'dataset_reports'
    | 'dataset_exports'
    | 'model_recommendations'
    | 'feedback_item_sources'
    | 'scored_samples';
  readonly id: string;
}

/** The transfer that a job's row names; null for other jobs. */
export function transferOfRow(
  row: Pick<
    JobRow,
    | 'importId'
    | 'exportId'
    | 'batchPredictionId'
    | 'preparationId'
    | 'datasetReportId'
    | 'datasetExportId'
    | 'recommendationId'
    | 'itemSourceId'
    | 'samplesId'
  >,
): Transfer | null {
  if (row.importId !== null) return { table: 'model_imports', id: row.importId };
  if (row.exportId !== null) return { table: 'model_exports', id: row.exportId };
  if (row.batchPredictionId !== null) return { table: 'batch_predictions', id: row.batchPredictionId };
  if (row.preparationId !== null) return { table: 'preparations', id: row.preparationId };
  if (row.datasetReportId !== null) return { table: 'dataset_reports', id: row.datasetReportId };
  if (row.datasetExportId !== null) return { table: 'dataset_exports', id: row.datasetExportId };
  if (row.recommendationId !== null) return { table: 'model_recommendations', id: row.recommendationId };
  if (row.samplesId !== null) return { table: 'scored_samples', id: row.samplesId };
  if (row.itemSourceId !== null) return { table: 'feedback_item_sources', id: row.itemSourceId };
  return null;
}

export function transferOf(payload: JobPayload): Transfer | null {
  switch (payload.kind) {
    case 'import':
      return { table: 'model_imports', id: payload.importId };
    case 'export':
      return { table: 'model_exports', id: payload.exportId };
    case 'predictBatch':
      return { table: 'batch_predictions', id: payload.batchPredictionId };
    case 'prepare':
      return { table: 'preparations', id: payload.preparationId };
    case 'report':
      return { table: 'dataset_reports', id: payload.reportId };
    case 'exportRows':
      return { table: 'dataset_exports', id: payload.datasetExportId };
    case 'recommend':
      return { table: 'model_recommendations', id: payload.recommendationId };
    case 'makeItems':
      return { table: 'feedback_item_sources', id: payload.itemSourceId };
    case 'scoreSamples':
      return { table: 'scored_samples', id: payload.samplesId };
    case 'train':
    case 'evaluate':
    case 'predict':
    case 'generate':
    case 'preview':
    case 'inspect':
      return null;
    default:
      return payload satisfies never;
  }
}

/** Changes the status, in the transaction that changes the job, and notifies subscribers. */
export async function moveTransfer(
  query: Query,
  { table, id }: Transfer,
  to: TransferStatus,
  problem: Problem | null = null,
): Promise<void> {
  await query(
    `UPDATE ${table}
        SET status = $2, problem = $3,
            -- What waits, or was just claimed, starts anew.
            progress = CASE WHEN $2 NOT IN ('QUEUED', 'RUNNING') THEN progress END,
            started_at = CASE WHEN $2 = 'RUNNING' THEN coalesce(started_at, now()) ELSE started_at END,
            finished_at = CASE WHEN $2 IN ('SUCCEEDED', 'FAILED', 'CANCELED') THEN now() END
      WHERE id = $1`,
    [id, to, problem === null ? null : JSON.stringify(problem)],
  );
  // The task whose items could not be made.
  if (table === 'feedback_item_sources' && to === 'FAILED') await failTaskOfSource(query, id, problem);
  await query('SELECT pg_notify($1, $2)', [channels.transfers, id]);
}

/** Locks the row and reads whether the user wants to cancel. The job's row must be locked already. */
export async function isUnwanted(query: Query, { table, id }: Transfer): Promise<boolean> {
  const [row] = await query<{ desired: 'RUN' | 'CANCEL' }>(`SELECT desired FROM ${table} WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  return row?.desired === 'CANCEL';
}
