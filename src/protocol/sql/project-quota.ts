import type { Query } from './query.js';

/**
 * What a project uses, and whether that is more than its quota. API and worker both check wherever a project grows. A
 * check comes after the writes of the caller's transaction, and locks the project's row: of two transactions at once
 * the second sees what the first has added. A transaction locks this row last, after jobs, runs and artifacts.
 */

export interface StorageUse {
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/**
 * Bytes of the different files that rows of each project refer to; a file that several of them refer to counts once.
 * The view `artifact_references` lists the references that keep a file from being removed, as remove-artifacts.ts looks
 * for them; work under way that reads a model or a dataset version keeps that from being deleted, and so its files.
 */
export function storageOfProjects(
  query: Query,
  projectIds: readonly string[],
): Promise<{ projectId: string; bytes: number }[]> {
  return query(
    `SELECT referred.project_id AS "projectId", sum(a.size_bytes)::float8 AS bytes
       FROM (SELECT DISTINCT project_id, digest FROM artifact_references WHERE project_id = ANY($1::uuid[])) AS referred
       JOIN artifacts a USING (digest)
      GROUP BY 1`,
    [projectIds],
  );
}

/** The storage that a project uses and may use; null, and nothing is summed, when it has no quota. */
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

/** The project's storage after the transaction's writes if it is more than the quota; null if it is not. */
export async function storageBeyondQuota(query: Query, projectId: string): Promise<StorageUse | null> {
  await query('SELECT 1 FROM projects WHERE id = $1 AND max_storage_bytes IS NOT NULL FOR NO KEY UPDATE', [projectId]);
  const use = await storageUse(query, projectId);
  return use !== null && use.usedBytes > use.maxBytes ? use : null;
}

/** Bytes that a project may still grow by; infinite without a quota. */
export function bytesLeft(use: StorageUse | null): number {
  return use === null ? Number.POSITIVE_INFINITY : Math.max(0, use.maxBytes - use.usedBytes);
}

export const storageQuotaHint = 'An administrator of the server can raise the quota with setProjectQuota.';

export function storageQuotaMessage({ usedBytes, maxBytes }: StorageUse): string {
  return `The project would hold ${usedBytes} bytes; it may hold ${maxBytes}.`;
}

/** The quota that the project's queued, or running, experiments exceed after the transaction's writes; else null. */
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

/** Counts the experiments of each project that wait in the queue, and those that a worker has. */
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
