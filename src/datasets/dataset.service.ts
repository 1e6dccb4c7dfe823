import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { actorId } from '../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest, orFirstResult } from '../access/idempotency.js';
import { inTransaction, poolQuery, type Transaction } from '../database/transaction.js';
import { checkName } from '../organizing/names-and-tags.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { requireStorageLeft, requireWithinStorage } from '../projects/require-quota.js';
import type { Query } from '../protocol/sql/query.js';
import { mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import { removeStaleFiles, temporaryName } from '../storage/temporary-files.js';
import { Dataset } from './dataset.entity.js';
import type { DatasetCommands } from './dataset-commands.js';
import { checkDescription, datasetNameTaken, maxDatasetNameLength } from './dataset-texts.js';
import { DatasetVersion } from './dataset-version.entity.js';
import { type FileOptions, noFileOptions } from './file-options.js';
import { type IngestedVersion, type IngestionSettings, ingest } from './ingestion/ingest.js';
import { resplit } from './ingestion/resplit.js';
import { createQueue } from './one-at-a-time.js';
import { consumeUpload, type ReceivedUpload, requireReceivedUpload } from './received-upload.js';
import type { SplitRequest } from './split-request.js';
import type { UploadService } from './upload.service.js';

export interface DatasetServiceOptions {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly uploads: UploadService;
  /**
   * The working folder of ingestions, best on the file system of the store, so that finished files are moved and not
   * copied.
   */
  readonly folder: string;
  readonly ingestion: IngestionSettings;
}

/** The parts of a client's request that control how the file becomes a version. */
interface HowToRead {
  readonly fileOptions: FileOptions | null;
  readonly split: SplitRequest;
}

/** A version whose file is in the store, but which has no row yet. */
interface StoredVersion extends IngestedVersion {
  readonly artifact: StoredArtifact;
  readonly upload: ReceivedUpload;
  readonly fileOptions: FileOptions | null;
}

/** The rows of a version with other splits, in the store, but without a row yet. */
interface SplitAnew extends Pick<IngestedVersion, 'splits' | 'splitPlan'> {
  readonly artifact: StoredArtifact;
}

/**
 * Creates datasets and versions from uploads. Ingestions run one after another, each before the short transaction that
 * records its result: a failed ingestion leaves neither rows nor files, and its upload may be used again.
 */
export async function createDatasetService(options: DatasetServiceOptions): Promise<DatasetCommands> {
  const { dataSource, store, uploads, folder, ingestion } = options;
  // For its owner alone, like the store.
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeStaleFiles(folder, new Date());
  const query = poolQuery(dataSource);
  const inTurn = createQueue();

  async function ingestUpload(upload: ReceivedUpload, { fileOptions, split }: HowToRead): Promise<StoredVersion> {
    const workFolder = join(folder, temporaryName());
    try {
      const path = await store.localPath(upload.digest);
      const options = fileOptions ?? noFileOptions;
      const request = { path, format: upload.format, options, split, folder: workFolder };
      const version = await ingest(request, ingestion);
      return { ...version, artifact: await store.adopt(version.path), upload, fileOptions };
    } catch (error) {
      throw toProblem(error);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }

  /**
   * Ingests the upload, then records the version in one transaction; `record` inserts the row with the id `id`, and the
   * version.
   */
  async function createFromUpload(request: {
    readonly idempotent: IdempotentRequest;
    readonly uploadId: string;
    readonly how: HowToRead;
    readonly check: () => Promise<void>;
    readonly record: (transaction: Transaction, id: string, version: StoredVersion) => Promise<void>;
  }): Promise<string> {
    const { idempotent, uploadId, how, check, record } = request;
    const first = await findFirstResult(query, idempotent);
    if (first !== null) return first;
    return orFirstResult(query, idempotent, async () => {
      await check();
      await requireStorageLeft(query, idempotent.projectId);
      const upload = await requireReceivedUpload(query, uploadId, idempotent.projectId);
      const version = await ingestUpload(upload, how);
      const newId = randomUUID();
      try {
        return await inTransaction(dataSource, async (transaction) => {
          const id = await claimKey(transaction.query, idempotent, newId);
          if (id !== newId) return id;
          await consumeUpload(transaction.query, uploadId);
          await recordArtifacts(transaction.query, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
          await record(transaction, newId, version);
          await requireWithinStorage(transaction.query, idempotent.projectId, ['uploadId']);
          return newId;
        });
      } catch (error) {
        await removeUnreferenced(version.artifact.digest);
        throw error;
      }
    });
  }

  async function resplitVersion(former: DatasetVersion, split: SplitRequest): Promise<SplitAnew> {
    const workFolder = join(folder, temporaryName());
    try {
      const { columns, leftOutColumns } = former;
      const path = await store.localPath(former.digest);
      const exampleCount = Number(former.exampleCount);
      const request = { path, columns, leftOutColumns, exampleCount, split, folder: workFolder };
      const { splits, splitPlan, path: written } = await resplit(request, ingestion);
      return { splits, splitPlan, artifact: await store.adopt(written) };
    } catch (error) {
      throw toProblem(error, 'datasetVersionId');
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }

  /** Removes the file of a version that was not recorded, unless another version has the same file. */
  async function removeUnreferenced(digest: string): Promise<void> {
    const known = await query('SELECT 1 FROM artifacts WHERE digest = $1', [digest]);
    if (known.length === 0) await store.remove(digest);
  }

  return {
    createUpload: (request) => uploads.createUpload(request),

    createDataset({ projectId, name, description, uploadId, fileOptions, split, idempotencyKey }) {
      const how = { fileOptions, split };
      const trimmed = name.trim();
      const input = { name: trimmed, description, uploadId, ...inputOf(how) };
      return inTurn(() =>
        createFromUpload({
          idempotent: { projectId, operation: 'createDataset', key: idempotencyKey, input },
          uploadId,
          how,
          async check() {
            const wrong = checkTexts(trimmed, description);
            if (wrong.length > 0) throw new ProblemsError(wrong);
            const taken = await query('SELECT 1 FROM datasets WHERE project_id = $1 AND name = $2', [
              projectId,
              trimmed,
            ]);
            if (taken.length > 0) throw nameTaken(trimmed);
          },
          async record(transaction, id, version) {
            const inserted = await transaction.manager
              .createQueryBuilder()
              .insert()
              .into(Dataset)
              .values({ id, projectId, createdBy: actorId(), name: trimmed, description })
              .orIgnore()
              .returning('id')
              .execute();
            if ((inserted.raw as unknown[]).length === 0) throw nameTaken(trimmed);
            await insertVersion(transaction, { id: randomUUID(), datasetId: id, number: 1 }, version);
          },
        }),
      );
    },

    addDatasetVersion({ datasetId, uploadId, fileOptions, split, idempotencyKey }) {
      const how = { fileOptions, split };
      return inTurn(async () => {
        const dataset = await dataSource.getRepository(Dataset).findOneBy({ id: datasetId });
        if (dataset === null) {
          throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
        }
        const { projectId } = dataset;
        const input = { datasetId, uploadId, ...inputOf(how) };
        return createFromUpload({
          idempotent: { projectId, operation: 'addDatasetVersion', key: idempotencyKey, input },
          uploadId,
          how,
          check: async () => undefined,
          async record(transaction, id, version) {
            const number = await nextNumber(transaction.query, datasetId);
            await insertVersion(transaction, { id, datasetId, number }, version);
          },
        });
      });
    },

    resplitDatasetVersion({ datasetVersionId, split, idempotencyKey }) {
      return inTurn(async () => {
        const [found] = await query<{ projectId: string }>(
          `SELECT d.project_id AS "projectId" FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE v.id = $1`,
          [datasetVersionId],
        );
        const former = await dataSource.getRepository(DatasetVersion).findOneBy({ id: datasetVersionId });
        if (found === undefined || former === null) throw noVersion();
        const { projectId } = found;
        const input = { datasetVersionId, split };
        const idempotent = { projectId, operation: 'resplitDatasetVersion', key: idempotencyKey, input };
        return orFirstResult(query, idempotent, async () => {
          await requireStorageLeft(query, projectId);
          const version = await resplitVersion(former, split);
          const newId = randomUUID();
          try {
            return await inTransaction(dataSource, async (transaction) => {
              const id = await claimKey(transaction.query, idempotent, newId);
              if (id !== newId) return id;
              await recordArtifacts(transaction.query, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
              const number = await nextNumber(transaction.query, former.datasetId);
              await copyVersion(transaction, former, { id, number, ...version });
              await requireWithinStorage(transaction.query, projectId, ['datasetVersionId']);
              return id;
            });
          } catch (error) {
            await removeUnreferenced(version.artifact.digest);
            throw error;
          }
        });
      });
    },
  };
}

/**
 * The input for idempotency keys. What is left out equals the input from before it could be given: options as a whole,
 * and a header that was assumed.
 */
function inputOf({ fileOptions, split }: HowToRead): object {
  if (fileOptions === null) return { split };
  const { maxRejectedShare, ...others } = withHeader(fileOptions, true);
  return { fileOptions: maxRejectedShare == null ? others : { ...others, maxRejectedShare }, split };
}

/** Options that say whether there is a header; where they left it open, what was found. */
function withHeader<Options extends FileOptions | null>(options: Options, header: boolean | null): Options {
  if (options === null || options.delimited === null) return options;
  return { ...options, delimited: { ...options.delimited, header: options.delimited.header ?? header } };
}

function checkTexts(name: string, description: string | null): InputProblem[] {
  return [...checkName(name, maxDatasetNameLength), ...checkDescription(description)];
}

async function insertVersion(
  { manager, query }: Transaction,
  ids: { readonly id: string; readonly datasetId: string; readonly number: number },
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

/** The next version's number. Locks the dataset's row, so that two simultaneous versions get consecutive numbers. */
async function nextNumber(query: Query, datasetId: string): Promise<number> {
  await query('SELECT 1 FROM datasets WHERE id = $1 FOR UPDATE', [datasetId]);
  const [last] = await query<{ number: number }>(
    'SELECT coalesce(max(number), 0) AS number FROM dataset_versions WHERE dataset_id = $1',
    [datasetId],
  );
  return last!.number + 1;
}

/** Inserts a version of the same file as another one, with its own splits. */
async function copyVersion(
  { manager, query }: Transaction,
  former: DatasetVersion,
  { id, number, artifact, splits, splitPlan }: SplitAnew & { readonly id: string; readonly number: number },
): Promise<void> {
  const { createdAt: _, ...kept } = former;
  const own = { id, number, createdBy: actorId(), digest: artifact.digest, splits, splitPlan };
  await manager.insert(DatasetVersion, { ...kept, ...own });
  await query(
    `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt)
     SELECT $1, position, line, code, reason, excerpt FROM rejected_rows WHERE dataset_version_id = $2`,
    [id, former.id],
  );
}

function noVersion(): ProblemsError {
  return new ProblemsError([problem(['datasetVersionId'], 'NOT_FOUND', 'There is no dataset version with this id.')]);
}

function nameTaken(name: string): ProblemsError {
  return datasetNameTaken(name, 'Add a version to it, or choose another name.');
}

/** The problem of an error that the client can do something about; other errors are returned unchanged. */
function toProblem(error: unknown, field: 'uploadId' | 'datasetVersionId' = 'uploadId'): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.code === 'DISK_FULL') {
    const message = 'The server has no space left to read the file.';
    return new ProblemsError([problem([field], 'DISK_FULL', message, 'Free space on the server, then try again.')]);
  }
  if (error.code !== 'NOT_FOUND') return error;
  if (field === 'datasetVersionId') {
    const gone = 'The file of the version is no longer on the server.';
    return new ProblemsError([problem([field], 'MISSING_ARTIFACT', gone, 'Send its file again, as another version.')]);
  }
  const message = 'The file of the upload is no longer on the server.';
  return new ProblemsError([problem(['uploadId'], 'UPLOAD_NOT_READY', message, 'Create another upload.')]);
}
