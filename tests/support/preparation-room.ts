import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createDatasetService } from '../../src/datasets/dataset.service.js';
import { openExampleReader } from '../../src/datasets/example-reader.js';
import { createUploadService, type UploadService } from '../../src/datasets/upload.service.js';
import { globalId } from '../../src/graphql/global-id.js';
import type { UploadFormat } from '../../src/protocol/datasets/split-request.js';
import { startTestApi, type TestApi } from './api.js';
import { startDataWorker } from './data-worker.js';

interface ProblemAnswer {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** A version as `prepare` returns it. */
interface PreparedVersion {
  readonly id: string;
  readonly digest: string;
  readonly exampleCount: number;
  readonly splits: readonly { readonly name: string; readonly exampleCount: number }[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly roles: readonly { readonly column: string; readonly role: string }[];
  readonly steps: readonly PreparedStep[];
  readonly dataset: { readonly id: string; readonly name: string };
}

interface PreparedStep {
  readonly step: { readonly kind: string };
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  readonly changed: number;
  readonly dropped: number;
  readonly added: number;
  readonly columnsAdded: readonly string[];
  readonly columnsDropped: readonly string[];
  readonly examples: readonly {
    readonly change: string;
    readonly row: number;
    readonly otherRow: number | null;
    readonly reason: string | null;
    readonly before: readonly { readonly column: string; readonly text: string | null }[];
    readonly after: readonly { readonly column: string; readonly text: string | null }[];
  }[];
}

/** The API with a worker that makes dataset versions, in this process: real queue, real jobs, no threads. */
export interface PreparationRoom extends AsyncDisposable {
  readonly api: TestApi;
  /** Uploads a file; returns the upload's global id. */
  upload(content: string | Uint8Array, format?: UploadFormat, fileName?: string): Promise<string>;
  /** Makes a version of a new dataset, and waits for it. Throws if there are problems. */
  prepare(input: Record<string, unknown>): Promise<PreparedVersion>;
  /** The problems of a preparation, be it that it is not queued or that it fails. */
  problemsOf(input: Record<string, unknown>): Promise<readonly ProblemAnswer[]>;
  /** What a preview answers. */
  preview(input: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** All rows of a version, by the names of their columns, with their splits as `split`. */
  rowsOf(version: Pick<PreparedVersion, 'id'>): Promise<readonly Record<string, unknown>[]>;
}

interface ExamplePage {
  readonly nodes: readonly { readonly split: string; readonly values: Record<string, unknown> }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const stepFields = /* GraphQL */ `step { kind } rowsBefore rowsAfter changed dropped added columnsAdded columnsDropped
  examples { change row otherRow reason before { column text } after { column text } }`;
const versionFields = /* GraphQL */ `id digest exampleCount splits { name exampleCount } columns { name type }
  roles { column role } dataset { id name } steps { ${stepFields} }`;

/**
 * @param options.works whether a worker is there; without one, what is queued waits. Default: true
 * @param options.availableBytes memory that models may take. Default: any
 */
export async function openPreparationRoom({
  works = true,
  availableBytes = () => Number.POSITIVE_INFINITY,
} = {}): Promise<PreparationRoom> {
  let uploads!: UploadService;
  const api = await startTestApi({
    openExamples: openExampleReader,
    openDatasets(dataSource, jobResults, store) {
      uploads = createUploadService({ dataSource, store, maxBytes: 1e8, now: () => new Date() });
      return createDatasetService({ dataSource, store, uploads, jobResults, workers: { anyOnline: async () => true } });
    },
    predictionTimeoutMs: 30_000,
  });
  const worker = !works
    ? null
    : await startDataWorker({
        databaseUrl: api.databaseUrl,
        storeOf: () => api.store,
        folder: join(api.folder, 'ingestion'),
        availableBytes,
      });
  let names = 0;

  type Ended = { status: string; problems: ProblemAnswer[]; datasetVersion: PreparedVersion | null };
  async function ended(input: Record<string, unknown>): Promise<Ended> {
    const named = 'datasetId' in input || 'name' in input ? {} : { name: `prepared ${names++}` };
    const { prepareDataset: queued } = await api.request<{
      prepareDataset: { id?: string; problems?: ProblemAnswer[] };
    }>(
      /* GraphQL */ `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) {
         ... on Preparation { id } ... on Problems { problems { path code message hint } } } }`,
      { input: { ...named, ...input } },
    );
    if (queued.id === undefined) return { status: 'REFUSED', problems: queued.problems ?? [], datasetVersion: null };
    const changes = api.connect().iterate<{ preparationChanged: Ended }>({
      query: /* GraphQL */ `subscription ($id: ID!) { preparationChanged(preparationId: $id) {
        status problems { path code message hint } datasetVersion { ${versionFields} } } }`,
      variables: { id: queued.id },
    });
    let last: Ended | null = null;
    for await (const { data, errors } of changes) {
      if (errors !== undefined) throw new Error(JSON.stringify(errors));
      last = data?.preparationChanged ?? last;
    }
    if (last === null) throw new Error('The preparation has no state.');
    return last;
  }

  return {
    api,
    async upload(content, format = 'CSV', fileName = 'rows') {
      const { projectId } = api;
      const { id } = await uploads.createUpload({ projectId, fileName, format, idempotencyKey: null });
      await uploads.receive(id, format, Readable.from([Buffer.from(content)]));
      return globalId('Upload', id);
    },
    async prepare(input) {
      const { datasetVersion, problems } = await ended(input);
      if (datasetVersion === null) throw new Error(JSON.stringify(problems));
      return datasetVersion;
    },
    problemsOf: async (input) => (await ended(input)).problems,
    async preview(input) {
      const { previewPreparation } = await api.request<{ previewPreparation: Record<string, unknown> }>(
        /* GraphQL */ `query ($input: PreviewPreparationInput!) { previewPreparation(input: $input) {
          ... on PreparationPreview { rowCount sampledCount rejectedCount rejectedRows { line code excerpt } columns { name type } rows { row values }
            steps { ${stepFields} } }
          ... on Problems { problems { path code message hint } } } }`,
        { input },
      );
      return previewPreparation;
    },
    async rowsOf({ id }) {
      const rows: Record<string, unknown>[] = [];
      for (let after: string | null = null; ; ) {
        const { node }: { node: { examples: ExamplePage } } = await api.request<{ node: { examples: ExamplePage } }>(
          /* GraphQL */ `query ($id: ID!, $after: String) { node(id: $id) { ... on DatasetVersion {
            examples(first: 100, after: $after) { nodes { split values } pageInfo { hasNextPage endCursor } } } } }`,
          { id, after },
        );
        rows.push(...node.examples.nodes.map(({ split, values }) => ({ split, ...values })));
        if (!node.examples.pageInfo.hasNextPage) return rows;
        after = node.examples.pageInfo.endCursor;
      }
    },
    async [Symbol.asyncDispose]() {
      await worker?.[Symbol.asyncDispose]();
      await api.close();
    },
  };
}
