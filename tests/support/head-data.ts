import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createDatasetService } from '../../src/datasets/dataset.service.js';
import { openExampleReader } from '../../src/datasets/example-reader.js';
import { createUploadService } from '../../src/datasets/upload.service.js';
import { parseGlobalId } from '../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from './api.js';
import { startDataWorker } from './data-worker.js';
import { ids, insertBaseModel, tinyBert } from './rows.js';

/** The API on data that it ingests and reads as the product does. */
export interface ApiWithData extends AsyncDisposable {
  readonly api: TestApi;
  /** Global id of a BERT without heads. */
  readonly bert: string;
  /** Global id of Universal Sentence Encoder Lite, without heads. */
  readonly useLite: string;
  /** Ingests rows whose column `part` names their split. Returns the version's global id. */
  addData(rows: readonly object[]): Promise<string>;
  /**
   * Requests an experiment on a BERT unless `input` names another model. Returns the experiment's id, or the problems.
   */
  create(input: Record<string, unknown>): Promise<{ id: string } & Refused>;
  /** The spec that an experiment was stored with. */
  specOf(experimentId: string): Promise<Record<string, unknown>>;
}

export interface Refused {
  readonly problems?: readonly { path: string[]; code: string; message: string; hint: string | null }[];
}

export const problemsOf = ({ problems }: Refused) => problems?.map(({ path, code }) => [path.join('.'), code]);

export async function startApiWithData(): Promise<ApiWithData> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-heads-'));
  const api = await startTestApi({ openExamples: openExampleReader });
  const { dataSource, store, projectId } = api;
  const uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
  const worker = await startDataWorker({ databaseUrl: api.databaseUrl, storeOf: () => store, folder });
  const { jobResults } = api;
  const workers = { anyOnline: async () => true };
  const datasets = createDatasetService({ dataSource, store, uploads, jobResults, workers });
  const bert = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'bert', manifest: tinyBert }));
  const useLite = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'use' }));
  let made = 0;
  return {
    api,
    bert,
    useLite,
    async addData(rows) {
      const upload = await uploads.createUpload({ projectId, fileName: 'rows', format: 'JSONL', idempotencyKey: null });
      await uploads.receive(
        upload.id,
        'JSONL',
        Readable.from(rows.map((row) => Buffer.from(`${JSON.stringify(row)}\n`))),
      );
      const id = await datasets.createDataset({
        projectId,
        name: `data ${made++}`,
        description: null,
        uploadId: upload.id,
        fileOptions: null,
        split: { kind: 'column', column: 'part' },
        idempotencyKey: null,
      });
      const [version] = await dataSource.query('SELECT id FROM dataset_versions WHERE dataset_id = $1', [id]);
      return ids.version(version.id);
    },
    async create(input) {
      const { createExperiment } = await api.request<{ createExperiment: { id: string } & Refused }>(
        /* GraphQL */ `mutation ($input: CreateExperimentInput!) {
          createExperiment(input: $input) {
            ... on Experiment { id } ... on Problems { problems { path code message hint } } } }`,
        { input: { name: 'heads', baseModelId: bert, ...input } },
      );
      return createExperiment;
    },
    async specOf(experimentId) {
      const [row] = await dataSource.query(
        `SELECT e.spec, j.payload FROM experiments e JOIN runs r ON r.experiment_id = e.id JOIN jobs j ON j.run_id = r.id
         WHERE e.id = $1`,
        [rowIdOf(experimentId)],
      );
      if (JSON.stringify(row.payload.spec) !== JSON.stringify(row.spec)) throw new Error('The job has another spec.');
      return row.spec;
    },
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await api.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function rowIdOf(id: string): string {
  return parseGlobalId(id)!.uuid;
}
