import type { ChildList } from '../database/child-pages.js';
import { allColumns, type Columns, columnsForFields } from '../database/columns.js';
import { newestFirst } from '../database/newest-first.js';
import type { FileNotice } from '../protocol/datasets/file-notice.js';
import type { FileOptions } from '../protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../protocol/datasets/left-out-column.js';
import type { FileFormat } from '../protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../protocol/datasets/stored-version.js';
import type { VersionRoles } from '../protocol/preparation/assigned-roles.js';
import type { Recipe } from '../protocol/preparation/recipe.js';
import type { StepReport } from '../protocol/preparation/step-report.js';
import type { Query } from '../protocol/sql/query.js';

// Counts are cast to float8, which the driver reads as a number, exact up to 2⁵³; the driver would return a bigint as
// text.

export interface DatasetRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly createdAt: Date;
}

const datasetColumns =
  'd.id, d.project_id AS "projectId", d.created_by AS "createdBy", d.name, d.description, d.tags, d.notes, d.created_at AS "createdAt"';

export function datasetsByIds(query: Query, ids: readonly string[]): Promise<DatasetRow[]> {
  return query(`SELECT ${datasetColumns} FROM datasets d WHERE d.id = ANY($1::uuid[])`, [ids]);
}

export async function datasetByName(query: Query, projectId: string, name: string): Promise<DatasetRow | null> {
  const rows = await query<DatasetRow>(
    `SELECT ${datasetColumns} FROM datasets d WHERE d.project_id = $1 AND d.name = $2`,
    [projectId, name],
  );
  return rows[0] ?? null;
}

export const datasetsOfProject: ChildList = {
  key: 'd.id',
  select: datasetColumns,
  from: 'datasets d',
  parent: { column: 'd.project_id', type: 'uuid' },
  ...newestFirst('d'),
};

export interface DatasetVersionRow {
  readonly id: string;
  readonly datasetId: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly number: number;
  readonly digest: string;
  readonly format: FileFormat;
  readonly exampleCount: number;
  readonly rejectedCount: number;
  readonly fileOptions: FileOptions | null;
  readonly columns: readonly StoredColumn[];
  readonly leftOutColumns: readonly LeftOutColumn[];
  readonly notices: readonly FileNotice[];
  readonly splits: readonly StoredSplit[];
  readonly splitPlan: StoredSplitPlan;
  readonly recipe: Recipe;
  readonly steps: readonly StepReport[];
  readonly roles: VersionRoles;
  readonly createdAt: Date;
}

const versionColumnsByName: Columns<DatasetVersionRow> = {
  id: 'v.id',
  datasetId: 'v.dataset_id',
  projectId: 'd.project_id',
  createdBy: 'v.created_by',
  number: 'v.number',
  digest: 'v.digest',
  format: 'v.format',
  exampleCount: 'v.example_count::float8',
  rejectedCount: 'v.rejected_count::float8',
  fileOptions: 'v.file_options',
  columns: 'v.columns',
  leftOutColumns: 'v.left_out_columns',
  notices: 'v.notices',
  splits: 'v.splits',
  splitPlan: 'v.split_plan',
  recipe: 'v.recipe',
  steps: 'v.steps',
  roles: 'v.roles',
  createdAt: 'v.created_at',
};
const allVersionColumns = allColumns(versionColumnsByName);

/** The columns that an operation needs which selects some fields of dataset versions. */
export const versionColumns = columnsForFields(versionColumnsByName, {
  always: ['id', 'projectId', 'datasetId'],
  byField: {
    __typename: [],
    id: [],
    project: [],
    number: ['number'],
    digest: ['digest'],
    format: ['format'],
    exampleCount: ['exampleCount'],
    rejectedCount: ['rejectedCount'],
    createdAt: ['createdAt'],
    dataset: [],
    author: ['createdBy'],
  },
});

const versions = 'dataset_versions v JOIN datasets d ON d.id = v.dataset_id';

/** @param select SQL of the columns; null: all */
export function versionsByIds(
  query: Query,
  ids: readonly string[],
  select: string | null = null,
): Promise<DatasetVersionRow[]> {
  return query(`SELECT ${select ?? allVersionColumns} FROM ${versions} WHERE v.id = ANY($1::uuid[])`, [ids]);
}

export function latestVersions(query: Query, datasetIds: readonly string[]): Promise<DatasetVersionRow[]> {
  return query(
    `SELECT DISTINCT ON (v.dataset_id) ${allVersionColumns} FROM ${versions}
     WHERE v.dataset_id = ANY($1::uuid[]) ORDER BY v.dataset_id, v.number DESC`,
    [datasetIds],
  );
}

export const versionsOfDataset: ChildList = {
  select: allVersionColumns,
  from: versions,
  parent: { column: 'v.dataset_id', type: 'uuid' },
  sort: [{ column: 'v.number', type: 'int' }],
  direction: 'DESC',
};

export const versionsOfProject: ChildList = {
  key: 'v.id',
  ...newestFirst('v'),
  select: allVersionColumns,
  from: versions,
  parent: { column: 'd.project_id', type: 'uuid' },
};

export const versionsFromVersion: ChildList = {
  ...newestFirst('v'),
  select: allVersionColumns,
  from: `(SELECT DISTINCT dataset_version_id, parent_version_id FROM dataset_version_sources) s
    JOIN dataset_versions v ON v.id = s.dataset_version_id JOIN datasets d ON d.id = v.dataset_id`,
  parent: { column: 's.parent_version_id', type: 'uuid' },
};

export interface RejectedRowRow {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
  readonly excerpt: string;
}

export const rejectedRowsOfVersion: ChildList = {
  select: 'x.line::float8 AS line, x.code, x.reason, x.excerpt',
  from: 'rejected_rows x',
  parent: { column: 'x.dataset_version_id', type: 'uuid' },
  sort: [{ column: 'x.position', type: 'int' }],
  direction: 'ASC',
};
