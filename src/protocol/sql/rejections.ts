import type { RejectedRow } from '../datasets/rejected-row.js';
import type { Query } from './query.js';

/** SQL: of versions ($1, in their order), which of them tells first of the files that some version read. */
const tellingFirst = `SELECT DISTINCT ON (c.read_by) c.read_by, c.rejected_count, c.dataset_version_id AS told_by, version.part
    FROM unnest($1::uuid[]) WITH ORDINALITY AS version (id, part)
         JOIN rejected_counts c ON c.dataset_version_id = version.id
   ORDER BY c.read_by, version.part`;

/** How many rows could not be read in the files that the rows of versions are from; each file counts once. */
export async function rejectedCountOf(query: Query, versionIds: readonly string[]): Promise<number> {
  const [found] = await query<{ count: number }>(
    `SELECT coalesce(sum(t.rejected_count), 0)::float8 AS count FROM (${tellingFirst}) t`,
    [versionIds],
  );
  return found!.count;
}

/** The first of those rows, in the order of the versions. */
export function rejectedRowsOf(query: Query, versionIds: readonly string[], limit: number): Promise<RejectedRow[]> {
  return query<RejectedRow>(
    `SELECT r.line::float8 AS line, r.code, r.reason, r.excerpt
       FROM (${tellingFirst}) t JOIN rejected_rows r ON r.dataset_version_id = t.told_by AND r.read_by = t.read_by
      ORDER BY t.part, r.position LIMIT $2`,
    [versionIds, limit],
  );
}

/**
 * Gives a version the rejected rows of the versions that it was made of, after `position` rows of its own.
 * @param keepsExcerpts whether the beginnings of the rows are kept too
 */
export async function inheritRejections(
  query: Query,
  versionId: string,
  from: readonly string[],
  { position, keepsExcerpts }: { readonly position: number; readonly keepsExcerpts: boolean },
): Promise<void> {
  await query(
    `INSERT INTO rejected_counts (dataset_version_id, read_by, rejected_count)
       SELECT $2, t.read_by, t.rejected_count FROM (${tellingFirst}) t`,
    [from, versionId],
  );
  await query(
    `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt, read_by)
       SELECT $2, $3 + row_number() OVER (ORDER BY t.part, r.position) - 1, r.line, r.code, r.reason,
              CASE WHEN $4 THEN r.excerpt ELSE '' END, r.read_by
         FROM (${tellingFirst}) t JOIN rejected_rows r ON r.dataset_version_id = t.told_by AND r.read_by = t.read_by`,
    [from, versionId, position, keepsExcerpts],
  );
}
