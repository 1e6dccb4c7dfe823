import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { ExportedFile, ExportFormat, TransferProgress, TransferStatus } from '../protocol/job.js';
import type { ModelSource } from '../protocol/model-source.js';
import type { ParityCertificate } from '../protocol/parity-certificate.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

interface TransferRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the transfer has not ended yet. */
  readonly canceling: boolean;
  readonly progress: TransferProgress | null;
  readonly problem: Problem | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface ModelImportRow extends TransferRow {
  readonly name: string;
  readonly source: ModelSource;
  readonly licence: string | null;
  readonly adapterBaseModelId: string | null;
  readonly baseModelId: string | null;
  readonly ignoredTensors: readonly string[];
}

export interface ModelExportRow extends TransferRow {
  readonly baseModelId: string;
  readonly modelName: string;
  readonly format: ExportFormat;
  readonly files: readonly ExportedFile[] | null;
  /** Null until the export has succeeded, and for those of former releases. */
  readonly certificate: ParityCertificate | null;
}

const common = `t.id, t.project_id AS "projectId", t.created_by AS "createdBy", t.status,
  t.desired = 'CANCEL' AND t.status IN ('QUEUED', 'RUNNING') AS canceling, t.progress, t.problem,
  t.created_at AS "createdAt", t.started_at AS "startedAt", t.finished_at AS "finishedAt"`;
const importColumns = `${common}, t.name, t.source, t.licence, t.adapter_base_model_id AS "adapterBaseModelId",
  t.base_model_id AS "baseModelId", t.ignored_tensors AS "ignoredTensors"`;
const exportColumns = `${common}, t.base_model_id AS "baseModelId", t.format, t.files, t.certificate,
  (SELECT name FROM base_models WHERE id = t.base_model_id) AS "modelName"`;

export function modelImportsByIds(query: Query, ids: readonly string[]): Promise<ModelImportRow[]> {
  return query(`SELECT ${importColumns} FROM model_imports t WHERE t.id = ANY($1::uuid[])`, [ids]);
}

export function modelExportsByIds(query: Query, ids: readonly string[]): Promise<ModelExportRow[]> {
  return query(`SELECT ${exportColumns} FROM model_exports t WHERE t.id = ANY($1::uuid[])`, [ids]);
}

export const importsOfProject: ChildList = {
  ...newestFirst('t'),
  select: importColumns,
  from: 'model_imports t',
  parent: { column: 't.project_id', type: 'uuid' },
};

export const exportsOfProject: ChildList = {
  ...newestFirst('t'),
  select: exportColumns,
  from: 'model_exports t',
  parent: { column: 't.project_id', type: 'uuid' },
};

export const exportsOfModel: ChildList = {
  ...newestFirst('t'),
  select: exportColumns,
  from: 'model_exports t',
  parent: { column: 't.base_model_id', type: 'uuid' },
};
