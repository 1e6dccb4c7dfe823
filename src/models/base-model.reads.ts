import type { ChildList } from '../database/child-pages.js';
import { allColumns, type Columns, columnsForFields } from '../database/columns.js';
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

const columnsByName: Columns<BaseModelRow> = {
  id: 'm.id',
  projectId: 'm.project_id',
  createdBy: 'm.created_by',
  name: 'm.name',
  digest: 'm.digest',
  manifest: 'm.manifest',
  source: 'm.source',
  licence: "coalesce(m.licence, m.manifest ->> 'licence')",
  tags: 'm.tags',
  notes: 'm.notes',
  producedByRunId: 'm.produced_by_run_id',
  createdAt: 'm.created_at',
};
const columns = allColumns(columnsByName);

/** The columns that an operation needs which selects some fields of models. */
export const baseModelColumns = columnsForFields(columnsByName, {
  always: ['id', 'projectId', 'producedByRunId'],
  byField: {
    __typename: [],
    id: [],
    project: [],
    name: ['name'],
    digest: ['digest'],
    source: ['source'],
    tags: ['tags'],
    notes: ['notes'],
    createdAt: ['createdAt'],
    author: ['createdBy'],
  },
});

/** @param select SQL of the columns; null: all */
export function baseModelsByIds(
  query: Query,
  ids: readonly string[],
  select: string | null = null,
): Promise<BaseModelRow[]> {
  return query(`SELECT ${select ?? columns} FROM base_models m WHERE m.id = ANY($1::uuid[])`, [ids]);
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

/** @param select SQL of the columns; null: all */
export function baseModelsByRunIds(
  query: Query,
  runIds: readonly string[],
  select: string | null = null,
): Promise<BaseModelRow[]> {
  return query(`SELECT ${select ?? columns} FROM base_models m WHERE m.produced_by_run_id = ANY($1::uuid[])`, [runIds]);
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
