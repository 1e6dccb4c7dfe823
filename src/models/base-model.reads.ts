import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Query } from '../protocol/sql/query.js';

export interface BaseModelRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly digest: string;
  readonly manifest: ModelManifest;
  readonly source: string;
  /** Of its weights: what somebody set, else what its manifest says. */
  readonly licence: string;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly producedByRunId: string | null;
  readonly createdAt: Date;
}

const columns = `m.id, m.project_id AS "projectId", m.created_by AS "createdBy", m.name, m.digest, m.manifest, m.source, coalesce(m.licence, m.manifest ->> 'licence') AS licence, m.tags, m.notes,
  m.produced_by_run_id AS "producedByRunId", m.created_at AS "createdAt"`;

export function baseModelsByIds(query: Query, ids: readonly string[]): Promise<BaseModelRow[]> {
  return query(`SELECT ${columns} FROM base_models m WHERE m.id = ANY($1::uuid[])`, [ids]);
}

/** The models of a project with these files, the oldest first. */
export function baseModelsByDigests(
  query: Query,
  projectId: string,
  digests: readonly string[],
): Promise<BaseModelRow[]> {
  return query(
    `SELECT ${columns} FROM base_models m WHERE m.project_id = $1 AND m.digest = ANY($2::text[])
     ORDER BY m.created_at, m.id`,
    [projectId, digests],
  );
}

export function baseModelsByRunIds(query: Query, runIds: readonly string[]): Promise<BaseModelRow[]> {
  return query(`SELECT ${columns} FROM base_models m WHERE m.produced_by_run_id = ANY($1::uuid[])`, [runIds]);
}

export async function baseModelByName(query: Query, projectId: string, name: string): Promise<BaseModelRow | null> {
  const rows = await query<BaseModelRow>(
    `SELECT ${columns} FROM base_models m WHERE m.project_id = $1 AND m.name = $2`,
    [projectId, name],
  );
  return rows[0] ?? null;
}

export const baseModelsOfProject: ChildList = {
  key: 'm.id',
  select: columns,
  from: 'base_models m',
  parent: { column: 'm.project_id', type: 'uuid' },
  ...newestFirst('m'),
};
