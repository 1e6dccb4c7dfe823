import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { claimKey, findFirstResult, type IdempotentRequest } from '../access/idempotency.js';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ProblemsError, problem } from '../problem.js';
import type { Query } from '../protocol/sql/query.js';
import { mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { datasetByName, datasetsByIds } from './dataset.reads.js';
import type { DatasetCommands } from './dataset-commands.js';
import { type IngestedVersion, type IngestionSettings, ingest } from './ingestion/ingest.js';
import type { FileFormat, SplitRequest } from './split-request.js';
import type { UploadService } from './upload.service.js';

const maxNameLength = 200;

interface ReceivedUpload {
  readonly id: string;
  readonly format: FileFormat;
  readonly digest: string;
}

interface NewVersion {
  readonly upload: ReceivedUpload;
  readonly ingested: IngestedVersion;
  readonly artifact: StoredArtifact;
}

/**
 * Creates datasets and versions from uploads. A file is read once, outside any transaction; then dataset, version and rejected
 * rows are written in one. Of a request that fails nothing stays, and its upload can be used again.
 *
 * folder: for files while they are read; on the file system of the artifact store.
 */
export async function createDatasetService(options: {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly uploads: UploadService;
  readonly folder: string;
  readonly ingestion: IngestionSettings;
}): Promise<DatasetCommands> {
  const { dataSource, store, uploads, folder, ingestion } = options;
  const query = poolQuery(dataSource);
  // Whatever a killed process left there belongs to nobody.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });

  /** Reads the upload's file into a version's file in the store. */
  async function readUpload(projectId: string, uploadId: string, split: SplitRequest): Promise<NewVersion> {
    const upload = await requireReceived(query, projectId, uploadId);
    const ownFolder = join(folder, randomUUID());
    try {
      const ingested = await ingest(
        { path: await store.localPath(upload.digest), format: upload.format, split, folder: ownFolder },
        ingestion,
      );
      return { upload, ingested, artifact: await store.adopt(ingested.path) };
    } finally {
      await rm(ownFolder, { recursive: true, force: true });
    }
  }

  return {
    createUpload: uploads.createUpload,

    async createDataset({ projectId, idempotencyKey: key, ...input }) {
      const request: IdempotentRequest = { projectId, operation: 'createDataset', key, input };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const name = requireName(input.name);
      await requireFreeName(query, projectId, name);
      const version = await readUpload(projectId, input.uploadId, input.split);
      return inTransaction(dataSource, async ({ query }) => {
        const datasetId = randomUUID();
        const claimed = await claimKey(query, request, datasetId);
        if (claimed !== datasetId) return claimed;
        const inserted = await query(
          `INSERT INTO datasets (id, project_id, name, description) VALUES ($1, $2, $3, $4)
           ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
          [datasetId, projectId, name, input.description],
        );
        if (inserted.length === 0) throw nameTaken(name);
        await insertVersion(query, datasetId, version);
        return datasetId;
      });
    },

    async addDatasetVersion({ datasetId, idempotencyKey: key, ...input }) {
      const [dataset] = await datasetsByIds(query, [datasetId]);
      if (dataset === undefined) {
        throw new ProblemsError([problem(['datasetId'], 'NOT_FOUND', 'There is no dataset with this id.')]);
      }
      const { projectId } = dataset;
      const request: IdempotentRequest = {
        projectId,
        operation: 'addDatasetVersion',
        key,
        input: { datasetId, ...input },
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const version = await readUpload(projectId, input.uploadId, input.split);
      return inTransaction(dataSource, async ({ query }) => {
        const versionId = randomUUID();
        const claimed = await claimKey(query, request, versionId);
        if (claimed !== versionId) return claimed;
        return insertVersion(query, datasetId, version, versionId);
      });
    },
  };
}

async function requireReceived(query: Query, projectId: string, uploadId: string): Promise<ReceivedUpload> {
  const [upload] = await query<ReceivedUpload & { status: string }>(
    'SELECT id, format, artifact_digest AS digest, status FROM uploads WHERE id = $1 AND project_id = $2',
    [uploadId, projectId],
  );
  if (upload === undefined) {
    throw new ProblemsError([problem(['uploadId'], 'NOT_FOUND', 'There is no upload with this id in the project.')]);
  }
  if (upload.status !== 'RECEIVED') throw notReady(upload.status);
  return upload;
}

function notReady(status: string): ProblemsError {
  const [message, hint] =
    status === 'CONSUMED'
      ? ['The upload was used for a version already.', 'Send the file again to a new upload for another version.']
      : ['The file has not arrived yet.', "PUT it to the upload's url first."];
  return new ProblemsError([problem(['uploadId'], 'UPLOAD_NOT_READY', message, hint)]);
}

function requireName(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= maxNameLength) return name;
  throw new ProblemsError([problem(['name'], 'INVALID_VALUE', `A name has 1 to ${maxNameLength} characters.`)]);
}

async function requireFreeName(query: Query, projectId: string, name: string): Promise<void> {
  if ((await datasetByName(query, projectId, name)) !== null) throw nameTaken(name);
}

function nameTaken(name: string): ProblemsError {
  return new ProblemsError([
    problem(
      ['name'],
      'ALREADY_EXISTS',
      `The project has a dataset “${name}”.`,
      'Choose another name, or add a version to it with addDatasetVersion.',
    ),
  ]);
}

/** Uses up the upload and writes the version with the next number. Returns its id. */
async function insertVersion(
  query: Query,
  datasetId: string,
  { upload, ingested, artifact }: NewVersion,
  versionId: string = randomUUID(),
): Promise<string> {
  const used = await query(
    `UPDATE uploads SET status = 'CONSUMED' WHERE id = $1 AND status = 'RECEIVED' RETURNING id`,
    [upload.id],
  );
  if (used.length === 0) throw notReady('CONSUMED');
  await recordArtifacts(query, [{ ...artifact, mediaType: mediaTypes.parquet }]);
  // Two versions of a dataset at once: the second waits for the first one's number.
  await query('SELECT id FROM datasets WHERE id = $1 FOR UPDATE', [datasetId]);
  await query(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count,
       columns, splits, split_plan)
     SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10
     FROM dataset_versions WHERE dataset_id = $2`,
    [
      versionId,
      datasetId,
      artifact.digest,
      upload.digest,
      upload.format,
      ingested.exampleCount,
      ingested.rejectedCount,
      JSON.stringify(ingested.columns),
      JSON.stringify(ingested.splits),
      JSON.stringify(ingested.splitPlan),
    ],
  );
  const { rejectedRows: rejected } = ingested;
  await query(
    `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt)
     SELECT $1, * FROM unnest($2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[])`,
    [
      versionId,
      rejected.map((_, position) => position),
      rejected.map(({ line }) => line),
      rejected.map(({ code }) => code),
      rejected.map(({ reason }) => reason),
      rejected.map(({ excerpt }) => excerpt),
    ],
  );
  return versionId;
}
