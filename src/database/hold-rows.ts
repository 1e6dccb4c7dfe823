import type { Query } from '../protocol/sql/query.js';

/**
 * Keeps rows from being deleted until the transaction ends, as a foreign key to them would. Returns the ids of those
 * that are there.
 */
export async function holdRows(
  query: Query,
  table: 'base_models' | 'dataset_versions' | 'datasets' | 'uploads',
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await query<{ id: string }>(
    `SELECT id FROM ${table} WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
