import type { Query } from '../protocol/sql/query.js';

/** What a reference says of judged answers: it goes with the model and with the dataset version, of which it is. */
export async function keptLogProbabilitiesOf(
  query: Query,
  modelIds: readonly string[],
  versionIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id FROM kept_log_probabilities
      WHERE reference_model_id = ANY($1::uuid[]) OR dataset_version_id = ANY($2::uuid[])`,
    [modelIds, versionIds],
  );
  return rows.map(({ id }) => id);
}

/**
 * The files that rows of a project refer to, and that no other row of it does.
 * @returns their digests, and the bytes by which the project's storage falls when the rows go. Another project may
 * still have equal files: they stay in the store.
 */
export async function filesOnlyOf(
  query: Query,
  projectId: string,
  ownerIds: readonly string[],
): Promise<{ readonly digests: readonly string[]; readonly bytes: number }> {
  const files = await query<{ digest: string; sizeBytes: number }>(
    `WITH gone AS (SELECT unnest($2::uuid[]) AS id)
     SELECT a.digest, a.size_bytes::float8 AS "sizeBytes" FROM artifacts a
      WHERE a.digest IN (SELECT digest FROM artifact_references WHERE project_id = $1 AND owner_id IN (SELECT id FROM gone))
        AND a.digest NOT IN (SELECT digest FROM artifact_references
                              WHERE project_id = $1 AND owner_id NOT IN (SELECT id FROM gone))`,
    [projectId, ownerIds],
  );
  return {
    digests: files.map(({ digest }) => digest),
    bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
