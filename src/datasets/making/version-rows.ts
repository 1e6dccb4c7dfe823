import type { IngestedVersion } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { actorId } from '../../access/acting-viewer.js';
import type { Transaction } from '../../database/transaction.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { type FileOptions, withHeader } from '../../protocol/datasets/file-options.js';
import type { Query } from '../../protocol/sql/query.js';
import type { StoredArtifact } from '../../storage/artifact-store.js';
import { DatasetVersion } from '../dataset-version.entity.js';
import type { ReceivedUpload } from '../received-upload.js';

/** What names a version: its id, its dataset, its number there. */
interface VersionIds {
  readonly id: string;
  readonly datasetId: string;
  readonly number: number;
}

/** A version whose file is in the store, but which has no row yet. */
export interface StoredVersion extends Omit<IngestedVersion, 'path'> {
  readonly artifact: StoredArtifact;
  readonly upload: ReceivedUpload;
  readonly fileOptions: FileOptions | null;
}

/** A version that is made from others: its values, whose file is in the store, but which have no row yet. */
export type VersionAnew = Omit<DatasetVersion, 'digest'> & { readonly artifact: StoredArtifact };

/** Inserts a version of an upload, with the first rejected rows of its file. */
export async function insertVersion(
  { manager, query }: Transaction,
  ids: VersionIds,
  version: StoredVersion,
): Promise<void> {
  const { upload, artifact, exampleCount, rejectedCount, rejectedRows, columns, splits, splitPlan } = version;
  await manager.insert(DatasetVersion, {
    ...ids,
    createdBy: actorId(),
    digest: artifact.digest,
    sourceDigest: upload.digest,
    format: upload.format,
    fileOptions: withHeader(version.fileOptions, version.header),
    exampleCount: String(exampleCount),
    rejectedCount: String(rejectedCount),
    columns,
    leftOutColumns: version.leftOutColumns,
    notices: version.notices,
    splits,
    splitPlan,
  });
  await query(
    `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt)
     SELECT $1, ordinal - 1, line, code, reason, excerpt
     FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS rejected (line, code, reason, excerpt, ordinal)`,
    [
      ids.id,
      rejectedRows.map(({ line }) => line),
      rejectedRows.map(({ code }) => code),
      rejectedRows.map(({ reason }) => reason),
      rejectedRows.map(({ excerpt }) => excerpt),
    ],
  );
}

/** Inserts a version made from others, with the first rejected rows of their files. */
export async function copyVersion(
  { manager, query }: Transaction,
  { createdAt: _, artifact, ...version }: VersionAnew,
  ids: VersionIds,
  from: readonly DatasetVersion[],
): Promise<void> {
  await manager.insert(DatasetVersion, { ...version, ...ids, createdBy: actorId(), digest: artifact.digest });
  await query(
    `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt)
     SELECT $1, row_number() OVER (ORDER BY former.part, r.position) - 1, r.line, r.code, r.reason, r.excerpt
     FROM unnest($2::uuid[]) WITH ORDINALITY AS former (id, part) JOIN rejected_rows r ON r.dataset_version_id = former.id`,
    [ids.id, from.map(({ id }) => id)],
  );
}

/**
 * The next version's number. Locks the dataset's row, so that two simultaneous versions get consecutive numbers. Throws
 * ProblemsError CONFLICT when the dataset was deleted while the version was made.
 */
export async function nextNumber(query: Query, datasetId: string): Promise<number> {
  const locked = await query('SELECT 1 FROM datasets WHERE id = $1 FOR UPDATE', [datasetId]);
  if (locked.length === 0) throw deletedMeanwhile;
  const [last] = await query<{ number: number }>(
    `SELECT greatest(d.last_deleted_version, (SELECT max(number) FROM dataset_versions WHERE dataset_id = d.id)) AS number
       FROM datasets d WHERE d.id = $1`,
    [datasetId],
  );
  return last!.number + 1;
}

const deletedMeanwhile = new ProblemsError([
  problem([], 'CONFLICT', 'The dataset was deleted while its version was made.', 'Create another dataset.'),
]);
