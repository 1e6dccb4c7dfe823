import type { Query } from './query.js';

/**
 * What a project takes up, and whether that is more than it may. API and worker both ask where something grows. Checks
 * come after the writes of the caller's transaction, and lock the project's row: of two at once the second sees what
 * the first has added. It is the last row that a transaction locks, after jobs, runs and artifacts.
 */

export interface StorageUse {
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/**
 * Bytes of the different files that rows of each project refer to; a file that several of them refer to counts once.
 * What is listed here is what keeps a file from being removed (remove-artifacts.ts).
 */
export function storageOfProjects(
  query: Query,
  projectIds: readonly string[],
): Promise<{ projectId: string; bytes: number }[]> {
  return query(
    `WITH referred AS (
       SELECT d.project_id, file.digest
         FROM datasets d JOIN dataset_versions v ON v.dataset_id = d.id,
              unnest(ARRAY[v.digest, v.source_digest]) AS file(digest)
        WHERE d.project_id = ANY($1::uuid[])
       UNION
       SELECT u.project_id, u.artifact_digest FROM uploads u
        WHERE u.project_id = ANY($1::uuid[]) AND u.artifact_digest IS NOT NULL
       UNION
       SELECT m.project_id, unnest(m.artifact_digests) FROM base_models m WHERE m.project_id = ANY($1::uuid[])
       UNION
       -- The manifest of a pruned checkpoint stays.
       SELECT e.project_id, file.digest
         FROM experiments e JOIN runs r ON r.experiment_id = e.id JOIN checkpoints c ON c.run_id = r.id,
              unnest(c.digest || CASE WHEN c.pruned_at IS NULL THEN c.artifact_digests ELSE '{}' END) AS file(digest)
        WHERE e.project_id = ANY($1::uuid[])
       UNION
       SELECT x.project_id, file ->> 'digest'
         FROM model_exports x, jsonb_array_elements(x.files) AS file
        WHERE x.project_id = ANY($1::uuid[])
     )
     SELECT referred.project_id AS "projectId", sum(a.size_bytes)::float8 AS bytes
       FROM referred JOIN artifacts a USING (digest)
      GROUP BY 1`,
    [projectIds],
  );
}

/** What a project has and may have; null when it has no quota. Computed only then. */
export async function storageUse(query: Query, projectId: string): Promise<StorageUse | null> {
  const [project] = await query<{ maxBytes: number | null }>(
    'SELECT max_storage_bytes::float8 AS "maxBytes" FROM projects WHERE id = $1',
    [projectId],
  );
  const maxBytes = project?.maxBytes ?? null;
  if (maxBytes === null) return null;
  const [used] = await storageOfProjects(query, [projectId]);
  return { usedBytes: used?.bytes ?? 0, maxBytes };
}

/** The same after the transaction's writes, when it would be too much; null when it may stay so. */
export async function storageBeyondQuota(query: Query, projectId: string): Promise<StorageUse | null> {
  await query('SELECT 1 FROM projects WHERE id = $1 AND max_storage_bytes IS NOT NULL FOR NO KEY UPDATE', [projectId]);
  const use = await storageUse(query, projectId);
  return use !== null && use.usedBytes > use.maxBytes ? use : null;
}

/** What a project may still grow by; without a quota as much as there is room for. */
export function bytesLeft(use: StorageUse | null): number {
  return use === null ? Number.POSITIVE_INFINITY : Math.max(0, use.maxBytes - use.usedBytes);
}

export const storageQuotaHint = 'An administrator of the server can raise the quota: setProjectQuota.';

export function storageQuotaMessage({ usedBytes, maxBytes }: StorageUse): string {
  return `The project would hold ${usedBytes} bytes; it may hold ${maxBytes}.`;
}

/** Whether more experiments of the project wait, or run, than may, after the transaction's writes; null when not so. */
export async function experimentsBeyondQuota(
  query: Query,
  projectId: string,
  which: 'queued' | 'running',
): Promise<{ readonly max: number } | null> {
  const [project] = await query<{ max: number }>(
    `SELECT max_${which}_experiments AS max FROM projects
      WHERE id = $1 AND max_${which}_experiments IS NOT NULL FOR NO KEY UPDATE`,
    [projectId],
  );
  if (project === undefined) return null;
  const [counted] = await experimentsInQueue(query, [projectId]);
  return (counted?.[which] ?? 0) > project.max ? project : null;
}

/** Experiments of each project that wait, and that a worker has. */
export function experimentsInQueue(
  query: Query,
  projectIds: readonly string[],
): Promise<{ projectId: string; queued: number; running: number }[]> {
  return query(
    `SELECT project_id AS "projectId", count(*) FILTER (WHERE state = 'queued')::int AS queued,
            count(*) FILTER (WHERE state = 'claimed')::int AS running
       FROM jobs
      WHERE project_id = ANY($1::uuid[]) AND lane = 'training' AND state IN ('queued', 'claimed')
      GROUP BY 1`,
    [projectIds],
  );
}
