import { ProblemsError, problem } from '../problems/problem.js';
import { channels } from '../protocol/channels.js';
import type { TransferStatus } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';

const tables = { import: 'model_imports', export: 'model_exports' } as const;
const ended: readonly TransferStatus[] = ['SUCCEEDED', 'FAILED', 'CANCELED'];

/**
 * Cancels an import or export, in one transaction of the caller's: one that waits at once, a running one when its worker has seen it.
 * Locks are taken job first, in the order the worker takes them. Throws ProblemsError NOT_FOUND, and CONFLICT for one that has ended
 * otherwise; asking twice is fine.
 * @param path of its id in the input
 */
export async function requestTransferCancel(
  query: Query,
  kind: 'import' | 'export',
  id: string,
  path: readonly string[],
): Promise<void> {
  const table = tables[kind];
  const [job] = await query<{ jobId: string; held: boolean }>(
    `SELECT id AS "jobId", state = 'claimed' AND lease_until >= clock_timestamp() AS held
       FROM jobs WHERE ${kind}_id = $1 FOR UPDATE`,
    [id],
  );
  const [row] = await query<{ status: TransferStatus }>(`SELECT status FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
  if (job === undefined || row === undefined) {
    throw new ProblemsError([problem(path, 'NOT_FOUND', `There is no ${kind} with this id.`)]);
  }
  if (row.status === 'CANCELED') return;
  if (ended.includes(row.status)) {
    throw new ProblemsError([problem(path, 'CONFLICT', `The ${kind} has ended already: ${row.status}.`)]);
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
