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
import { mediaTypes } from '../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { ArtifactMissing, keepArtifacts } from '../storage/keep-artifacts.js';
import { StorageError } from '../storage/storage-error.js';
import { removeStaleFiles, temporaryName } from '../storage/temporary-files.js';
import { Dataset } from './dataset.entity.js';
import type { DatasetCommands } from './dataset-commands.js';
import { checkDescription, datasetNameTaken, maxDatasetNameLength } from './dataset-texts.js';
import { DatasetVersion } from './dataset-version.entity.js';
import { type FileOptions, noFileOptions } from './file-options.js';
import { type IngestedVersion, type IngestionSettings, ingest } from './ingestion/ingest.js';
import { joinVersions, resplit } from './ingestion/resplit.js';
import { checkJoinedSplits } from './ingestion/split-plan.js';
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

/** A version that is made from others: its values, whose file is in the store, but which have no row yet. */
type VersionAnew = Omit<DatasetVersion, 'digest'> & { readonly artifact: StoredArtifact };

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
      // Of a version that is deleted at this moment, with equal bytes, the file may be removed before this one is
      // recorded: then it is made again.
      const attempt = async (): Promise<string> => recordIngested(await ingestUpload(upload, how));
      return attempt().catch((error: unknown) => {
        if (error instanceof ArtifactMissing) return attempt();
        throw error;
      });
    });

    async function recordIngested(version: StoredVersion): Promise<string> {
      const newId = randomUUID();
      try {
        return await inTransaction(dataSource, async (transaction) => {
          const id = await claimKey(transaction.query, idempotent, newId);
          if (id !== newId) return id;
          await consumeUpload(transaction.query, uploadId);
          await keepArtifacts(transaction.query, store, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
          await record(transaction, newId, version);
          await requireWithinStorage(transaction.query, idempotent.projectId, ['uploadId']);
          return newId;
        });
      } catch (error) {
        await removeUnreferenced(version.artifact.digest);
        throw error;
      }
    }
  }

  /** Runs `write` with a working folder of its own, and moves the file that it wrote into the store. */
  async function inFolder<Made extends { readonly path: string }>(
    write: (folder: string) => Promise<Made>,
  ): Promise<Omit<Made, 'path'> & { readonly artifact: StoredArtifact }> {
    const workFolder = join(folder, temporaryName());
    try {
      const { path, ...made } = await write(workFolder);
      return { ...made, artifact: await store.adopt(path) };
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }

  /** Makes the next version of a dataset from the files of versions, which stay as they are. */
  async function createAnew(request: {
    readonly idempotent: IdempotentRequest;
    /** The field of the input that names the versions. */
    readonly field: 'datasetVersionId' | 'parts';
    readonly datasetId: string;
    readonly from: readonly DatasetVersion[];
    readonly write: (paths: readonly string[]) => Promise<VersionAnew>;
  }): Promise<string> {
    const { idempotent, field, datasetId, from, write } = request;
    return orFirstResult(query, idempotent, async () => {
      const first = await findFirstResult(query, idempotent);
      if (first !== null) return first;
      await requireStorageLeft(query, idempotent.projectId);
      let version: VersionAnew;
      try {
        version = await write(await Promise.all(from.map(({ digest }) => store.localPath(digest))));
      } catch (error) {
        throw toProblem(error, field);
      }
      const newId = randomUUID();
      try {
        return await inTransaction(dataSource, async (transaction) => {
          const id = await claimKey(transaction.query, idempotent, newId);
          if (id !== newId) return id;
          await keepArtifacts(transaction.query, store, [{ ...version.artifact, mediaType: mediaTypes.parquet }]);
          const number = await nextNumber(transaction.query, datasetId);
          await copyVersion(transaction, version, { id, datasetId, number }, from);
          await requireWithinStorage(transaction.query, idempotent.projectId, [field]);
          return id;
        });
      } catch (error) {
        await removeUnreferenced(version.artifact.digest);
        throw error instanceof ArtifactMissing ? removedMeanwhile : error;
      }
    });
  }

  async function versionsOfProject(
    projectId: string,
    parts: readonly { readonly datasetVersionId: string }[],
  ): Promise<DatasetVersion[]> {
    const rows = await query<{ id: string }>(
      'SELECT v.id FROM dataset_versions v JOIN datasets d ON d.id = v.dataset_id WHERE d.project_id = $1 AND v.id = ANY($2::uuid[])',
      [projectId, parts.map(({ datasetVersionId }) => datasetVersionId)],
    );
    const known = new Set(rows.map(({ id }) => id));
    const problems = parts.flatMap(({ datasetVersionId }, i) =>
      known.has(datasetVersionId)
        ? []
        : [
            problem(
              ['parts', String(i), 'datasetVersionId'],
              'NOT_FOUND',
              'The project has no dataset version with this id.',
            ),
          ],
    );
    if (problems.length > 0) throw new ProblemsError(problems);
    const repository = dataSource.getRepository(DatasetVersion);
    return Promise.all(parts.map(({ datasetVersionId: id }) => repository.findOneByOrFail({ id })));
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
        return createAnew({
          idempotent,
          field: 'datasetVersionId',
          datasetId: former.datasetId,
          from: [former],
          write: async (path) => {
            const { columns, leftOutColumns } = former;
            const exampleCount = Number(former.exampleCount);
            const request = { path: path[0]!, columns, leftOutColumns, exampleCount, split };
            const made = await inFolder((work) => resplit({ ...request, folder: work }, ingestion));
            return { ...former, ...made };
          },
        });
      });
    },

    joinDatasetVersions({ datasetId, parts, idempotencyKey }) {
      return inTurn(async () => {
        const wrong = checkJoinedSplits(parts.map(({ split }) => split));
        if (wrong.length > 0) throw new ProblemsError(wrong);
        const dataset = await dataSource.getRepository(Dataset).findOneBy({ id: datasetId });
        if (dataset === null) {
          throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
        }
        const { projectId } = dataset;
        const versions = await versionsOfProject(projectId, parts);
        const idempotent = {
          projectId,
          operation: 'joinDatasetVersions',
          key: idempotencyKey,
          input: { datasetId, parts },
        };
        return createAnew({
          idempotent,
          field: 'parts',
          datasetId,
          from: versions,
          write: async (paths) => {
            const files = versions.map(({ columns, exampleCount }, i) => ({
              path: paths[i]!,
              columns,
              split: parts[i]!.split,
              exampleCount: Number(exampleCount),
            }));
            const made = await inFolder((work) => joinVersions({ parts: files, folder: work }, ingestion));
            const total = (field: 'exampleCount' | 'rejectedCount'): string =>
              String(versions.reduce((sum, version) => sum + Number(version[field]), 0));
            return {
              ...versions[0]!,
              ...made,
              leftOutColumns: versions.flatMap(({ leftOutColumns }) => leftOutColumns),
              notices: versions.flatMap(({ notices }) => notices),
              exampleCount: total('exampleCount'),
              rejectedCount: total('rejectedCount'),
              splitPlan: {
                splitColumn: null,
                fractions: [],
                seed: null,
                stratifyBy: null,
                keepTogether: [],
                joined: parts,
              },
            };
          },
        });
      });
    },
  };
}

const removedMeanwhile = new ProblemsError([
  problem([], 'CONFLICT', 'A version with the same rows was deleted at this moment.', 'Repeat the request.'),
]);

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
    `SELECT greatest(d.last_deleted_version, (SELECT max(number) FROM dataset_versions WHERE dataset_id = d.id)) AS number
       FROM datasets d WHERE d.id = $1`,
    [datasetId],
  );
  return last!.number + 1;
}

/** Inserts a version made from others, with the first rejected rows of their files. */
async function copyVersion(
  { manager, query }: Transaction,
  { createdAt: _, artifact, ...version }: VersionAnew,
  ids: { readonly id: string; readonly datasetId: string; readonly number: number },
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

function noVersion(): ProblemsError {
  return new ProblemsError([problem(['datasetVersionId'], 'NOT_FOUND', 'There is no dataset version with this id.')]);
}

function nameTaken(name: string): ProblemsError {
  return datasetNameTaken(name, 'Add a version to it, or choose another name.');
}

/** The problem of an error that the client can do something about; other errors are returned unchanged. */
function toProblem(error: unknown, field: 'uploadId' | 'datasetVersionId' | 'parts' = 'uploadId'): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.code === 'DISK_FULL') {
    const message = 'The server has no space left to read the file.';
    return new ProblemsError([problem([field], 'DISK_FULL', message, 'Free space on the server, then try again.')]);
  }
  if (error.code !== 'NOT_FOUND') return error;
  if (field !== 'uploadId') {
    const gone = 'The file of the version is no longer on the server.';
    return new ProblemsError([problem([field], 'MISSING_ARTIFACT', gone, 'Send its file again, as another version.')]);
  }
  const message = 'The file of the upload is no longer on the server.';
  return new ProblemsError([problem(['uploadId'], 'UPLOAD_NOT_READY', message, 'Create another upload.')]);
}
