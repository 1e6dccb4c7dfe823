import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { entities } from '../../src/app/entities.js';
import { createDataSource } from '../../src/database/data-source.js';
import { poolQuery } from '../../src/database/transaction.js';
import { createDatasetService } from '../../src/datasets/dataset.service.js';
import type { DatasetCommands } from '../../src/datasets/dataset-commands.js';
import { DatasetVersion } from '../../src/datasets/dataset-version.entity.js';
import { createUploadService, type UploadService } from '../../src/datasets/upload.service.js';
import { createJobResults } from '../../src/events/job-results.js';
import { ensureDefaultProject } from '../../src/projects/default-project.js';
import type { FileFormat, SplitRequest } from '../../src/protocol/datasets/split-request.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { startDataWorker } from './data-worker.js';
import { createTestDatabase } from './database.js';

/** Uploads and datasets as the API's process has them, without the API: a database, a store and the services. */
export interface DatasetRoom {
  readonly dataSource: DataSource;
  readonly projectId: string;
  /** The folder of the store and of all that is written beside it. */
  readonly root: string;
  readonly store: ArtifactStore;
  readonly uploads: UploadService;
  readonly datasets: DatasetCommands;
  /** The service with a worker whose store differs, while it makes a dataset. */
  serviceOn(store: ArtifactStore): Promise<DatasetCommands>;
  /** Uploads a file; returns the upload's id. */
  send(content: string, format?: FileFormat): Promise<string>;
  /** Makes a dataset, of a name of its own; what is not given is the least that is asked for. */
  create(
    request: Partial<Parameters<DatasetCommands['createDataset']>[0]> & { readonly uploadId: string },
    commands?: DatasetCommands,
  ): Promise<string>;
  /** By number. */
  versionsOf(datasetId: string): Promise<DatasetVersion[]>;
  close(): Promise<void>;
}

/** All rows in one split. */
export const oneSplit: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'train', fraction: 1 }],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
};

export async function openDatasetRoom(): Promise<DatasetRoom> {
  const database = await createTestDatabase();
  const dataSource = await createDataSource({ url: database.url, entities }).initialize();
  const projectId = await ensureDefaultProject(dataSource);
  const root = await mkdtemp(join(tmpdir(), 'attune-datasets-'));
  const store = await openFileSystemStore({ root: join(root, 'artifacts') });
  const uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
  const query = poolQuery(dataSource);
  const jobResults = createJobResults({ query, pollIntervalMs: 15 });
  const workers = { anyOnline: async () => true };
  let storeOfWorker = store;
  const worker = await startDataWorker({
    databaseUrl: database.url,
    storeOf: () => storeOfWorker,
    folder: join(root, 'ingestion'),
  });
  const datasets = createDatasetService({ dataSource, store, uploads, jobResults, workers });
  const serviceOn = async (artifacts: ArtifactStore): Promise<DatasetCommands> => ({
    ...datasets,
    async createDataset(request) {
      storeOfWorker = artifacts;
      try {
        return await datasets.createDataset(request);
      } finally {
        storeOfWorker = store;
      }
    },
  });
  let names = 0;
  return {
    dataSource,
    projectId,
    root,
    store,
    uploads,
    datasets,
    serviceOn,
    async send(content, format = 'CSV') {
      const { id } = await uploads.createUpload({ projectId, fileName: 'rows', format, idempotencyKey: null });
      await uploads.receive(id, format, Readable.from([Buffer.from(content)]));
      return id;
    },
    create: (request, commands = datasets) =>
      commands.createDataset({
        projectId,
        name: `dataset ${names++}`,
        description: null,
        fileOptions: null,
        split: oneSplit,
        idempotencyKey: null,
        ...request,
      }),
    versionsOf: (datasetId) =>
      dataSource.getRepository(DatasetVersion).find({ where: { datasetId }, order: { number: 'ASC' } }),
    async close() {
      await worker[Symbol.asyncDispose]();
      jobResults.close();
      await dataSource.destroy();
      await database.drop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
