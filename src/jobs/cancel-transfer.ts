import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { TransferStatus } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';

/** By kind: the table of its rows, the column of jobs that names one, and what it is called. */
const kinds = {
  import: { table: 'model_imports', column: 'import_id', words: 'import' },
  export: { table: 'model_exports', column: 'export_id', words: 'export' },
  batchPrediction: { table: 'batch_predictions', column: 'batch_prediction_id', words: 'batch prediction' },
  preparation: { table: 'preparations', column: 'preparation_id', words: 'preparation' },
  report: { table: 'dataset_reports', column: 'dataset_report_id', words: 'report' },
  exportRows: { table: 'dataset_exports', column: 'dataset_export_id', words: 'export' },
  makeItems: { table: 'feedback_item_sources', column: 'item_source_id', words: 'making of items' },
  scoreSamples: { table: 'scored_samples', column: 'samples_id', words: 'batch of samples' },
  recommendation: { table: 'model_recommendations', column: 'recommendation_id', words: 'recommendation' },
} as const;
const ended: readonly TransferStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELED'];

/**
 * Cancels an import, export, batch prediction, preparation, report or recommendation in the caller's transaction: a
 * waiting one at once, a running one when its worker sees the request. The job is locked first, because the worker
 * locks in that order. Canceling again changes nothing.
 * @param path of the id in the input
 * @throws ProblemsError NOT_FOUND, and CONFLICT when the transfer has ended otherwise
 */
export async function requestTransferCancel(
  query: Query,
  kind: keyof typeof kinds,
  id: string,
  path: readonly string[],
): Promise<void> {
  const { table, column, words } = kinds[kind];
  const [job] = await query<{ jobId: string; held: boolean }>(
    `SELECT id AS "jobId", state = 'claimed' AND lease_until >= clock_timestamp() AS held
       FROM jobs WHERE ${column} = $1 FOR UPDATE`,
    [id],
  );
  const [row] = await query<{ status: TransferStatus }>(`SELECT status FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
  if (job === undefined || row === undefined) {
    throw new ProblemsError([problem(path, 'NOT_FOUND', `There is no ${words} with this id.`)]);
  }
  if (row.status === 'CANCELED') return;
  if (ended.includes(row.status)) {
    throw new ProblemsError([problem(path, 'CONFLICT', `The ${words} has ended already: ${row.status}.`)]);
  }
  await query(`UPDATE ${table} SET desired = 'CANCEL' WHERE id = $1`, [id]);
  if (job.held) {
    await query('SELECT pg_notify($1, $2)', [channels.runControl, id]);
    return;
  }
  await query(`UPDATE jobs SET state = 'canceled', settled_at = now(), lease_until = NULL WHERE id = $1`, [job.jobId]);
  await query(`UPDATE ${table} SET status = 'CANCELED', finished_at = now() WHERE id = $1`, [id]);
  await query('SELECT pg_notify($1, $2)', [channels.transfers, id]);
}
