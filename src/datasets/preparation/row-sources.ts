import { ProblemsError, problem } from '../../problems/problem.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { FileOptions } from '../../protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../../protocol/datasets/left-out-column.js';
import type { AssignedRoles } from '../../protocol/preparation/assigned-roles.js';
import type { RowSource } from '../../protocol/preparation/prepare-job.js';
import type { Query } from '../../protocol/sql/query.js';
import type { StoredArtifact } from '../../storage/artifact-store.js';
import { requireReceivedUpload } from '../received-upload.js';

/** Rows that somebody wants to be prepared, as the input names them. */
export type RequestedSource =
  | {
      readonly kind: 'upload';
      readonly uploadId: string;
      readonly fileOptions: FileOptions | null;
      readonly split: string | null;
    }
  | { readonly kind: 'version'; readonly datasetVersionId: string; readonly split: string | null }
  /** The examples that were appended to a dataset, and wait. */
  | { readonly kind: 'appended'; readonly datasetId: string; readonly split: string | null };

/** A source that is there whatever becomes of the preparation. */
export type LastingSource = Exclude<RequestedSource, { readonly kind: 'appended' }>;

/** Rows that are written for one preparation. */
export interface WrittenSource {
  readonly kind: 'feedback' | 'samples';
  /**
   * Writes them into a file of JSON Lines. Called once, after what is cheaper to check.
   * @throws ProblemsError
   */
  write(): Promise<{
    readonly source: Extract<RowSource, { readonly kind: 'feedback' | 'samples' }>;
    readonly file: StoredArtifact;
  }>;
}

/**
 * The source with all that a worker needs of it.
 * @param path of the source in the input
 * @throws ProblemsError NOT_FOUND, UPLOAD_NOT_READY, WRONG_FORMAT
 */
export async function toRowSource(
  query: Query,
  projectId: string,
  source: LastingSource,
  path: readonly string[],
): Promise<RowSource> {
  if (source.kind === 'version') {
    const version = await readVersion(query, projectId, source.datasetVersionId);
    if (version !== null)
      return { ...version, kind: 'version', versionId: source.datasetVersionId, split: source.split };
    const message = 'The project has no dataset version with this id.';
    throw new ProblemsError([problem([...path, 'datasetVersionId'], 'NOT_FOUND', message)]);
  }
  const { uploadId, fileOptions, split } = source;
  const { format, digest, fileName } = await requireReceivedUpload(query, uploadId, projectId, [...path, 'uploadId']);
  return { kind: 'upload', uploadId, fileName, digest, format, fileOptions, split };
}

/** What a worker needs of a version of the project's datasets; null where there is none of this id. */
export async function readVersion(query: Query, projectId: string, id: string) {
  const [row] = await query<{
    digest: string;
    columns: { name: string; type: ColumnType }[];
    leftOutColumns: LeftOutColumn[];
    exampleCount: number;
    saidRoles: AssignedRoles;
  }>(
    `SELECT v.digest, v.left_out_columns AS "leftOutColumns", v.example_count::float8 AS "exampleCount",
            (SELECT coalesce(jsonb_agg(jsonb_build_object('column', r.value -> 'column', 'role', r.value -> 'role')), '[]')
               FROM jsonb_array_elements(v.roles) r WHERE r.value ->> 'source' = 'SAID') AS "saidRoles",
            (SELECT jsonb_agg(jsonb_build_object('name', c.value -> 'name', 'type', c.value -> 'type') ORDER BY c.ordinal)
               FROM jsonb_array_elements(v.columns) WITH ORDINALITY AS c (value, ordinal)) AS columns
       FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1 AND d.project_id = $2`,
    [id, projectId],
  );
  return row ?? null;
}
