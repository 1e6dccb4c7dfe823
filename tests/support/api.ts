import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import { type Client, createClient } from 'graphql-ws';
import pino, { type Logger } from 'pino';
import request from 'supertest';
import type { DataSource } from 'typeorm';
import WebSocket from 'ws';
import { startApi } from '../../src/app/api.js';
import { entities } from '../../src/app/entities.js';
import { observeApi } from '../../src/app/observe-api.js';
import { openEvents } from '../../src/app/open-events.js';
import { createDataSource } from '../../src/database/data-source.js';
import { poolQuery } from '../../src/database/transaction.js';
import type {
  DatasetCommands,
  ExampleReader,
  LabelCounts,
  ListMeasures,
  NumberSummaries,
  UnequalWords,
} from '../../src/datasets/dataset-commands.js';
import type { DuplicatesOfSplit } from '../../src/datasets/find-duplicates.js';
import type { JobResults } from '../../src/events/job-results.js';
import type { LoopTools } from '../../src/loops/steps/step.js';
import type { ObservabilitySettings } from '../../src/observability/settings.js';
import { createNetworkRules, parsePrivateAllowance } from '../../src/outbound/network-rules.js';
import { createFirstOwnerKey } from '../../src/people/owner-key.js';
import type { SignIn } from '../../src/people/sign-in/index.js';
import { ensureDefaultProject } from '../../src/projects/default-project.js';
import { toLoggedError } from '../../src/protocol/logged-error.js';
import { defaultNetworkSettings, type NetworkSettings } from '../../src/server/network-settings.js';
import { requestFields } from '../../src/server/request-ids.js';
import type { SocketLimitSettings } from '../../src/server/socket-limits.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { startWebhooks } from '../../src/webhooks/index.js';
import { createWorkerReads } from '../../src/workers/worker.reads.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { tinyTokenizer } from './rows.js';

export interface GraphQLAnswer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
}

/** The API in this process, on a real database of its own and a real port, without a worker. */
export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly projectId: string;
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  /** The folder of its files. */
  readonly folder: string;
  /** The ends of jobs, as the API waits for them. */
  readonly jobResults: JobResults;
  /** What the steps of feedback loops are taken with: nobody takes them but a test. */
  readonly loopTools: LoopTools;
  /** Its artifact store, which holds the tokenizer of `tinyManifest`. */
  readonly store: ArtifactStore;
  /** Log lines of the server, parsed. */
  readonly log: readonly Record<string, unknown>[];
  /** The result of `countLabels`, for every version. */
  labelCounts: LabelCounts;
  /** The result of `summarizeNumbers`, for every version. */
  numberSummaries: NumberSummaries;
  /** The result of `measureLists`, for every version. */
  listMeasures: ListMeasures;
  /** The result of `compareWords`, for every version and all columns. */
  unequalWords: readonly UnequalWords[];
  /** The result of `findDuplicates`, for every version. */
  duplicates: readonly DuplicatesOfSplit[] | null;
  /** Sends an operation over HTTP, with an API key if given, and returns any answer. */
  send<Data>(
    query: string,
    variables?: Record<string, unknown>,
    key?: string,
  ): Promise<{ status: number; body: GraphQLAnswer<Data> }>;
  /** Sends an operation as the owner; throws if it does not succeed. */
  request<Data>(query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** A graphql-ws client, which is disposed of with the API. */
  connect(connectionParams?: Record<string, unknown>): Client;
  close(): Promise<void>;
}

/** 80 training examples: 50 ham, 30 spam; 10 validation and 10 test examples with both labels. Stars: 1 to 3. */
export const topicCounts: LabelCounts = {
  labelled: { train: 80, validation: 10, test: 10 },
  labels: {
    label: [
      { split: 'train', label: 'ham', count: 50 },
      { split: 'train', label: 'spam', count: 30 },
      { split: 'validation', label: 'ham', count: 5 },
      { split: 'validation', label: 'spam', count: 5 },
      { split: 'test', label: 'ham', count: 5 },
      { split: 'test', label: 'spam', count: 5 },
    ],
    stars: [
      { split: 'train', label: '1', count: 40 },
      { split: 'train', label: '2', count: 20 },
      { split: 'train', label: '3', count: 10 },
      { split: 'validation', label: '1', count: 10 },
      { split: 'test', label: '1', count: 10 },
    ],
  },
  splitsWithLists: {},
};

/** How webhooks are delivered in a test: by default as in the product, only to public addresses. */
export type TestWebhookOptions = Partial<
  Omit<Parameters<typeof startWebhooks>[0], 'dataSource' | 'due' | 'version' | 'log'>
>;

export interface TestApiOptions {
  readonly publicUrl?: string;
  readonly network?: Partial<NetworkSettings>;
  readonly socketLimits?: Partial<SocketLimitSettings>;
  readonly socketInitTimeoutMs?: number;
  /** Default: a loopback address. On any other address every request needs a credential. */
  readonly host?: string;
  /** Default: a database of its own, which is dropped with the API. */
  readonly database?: TestDatabase;
  /** Default: a stand-in that answers with `labelCounts` and the other results above. */
  readonly openExamples?: (store: ArtifactStore, folder: string) => Promise<ExampleReader & { close(): void }>;
  /** Default: a stand-in that creates nothing. A worker for them is the test's (`startDataWorker`). */
  readonly openDatasets?: (
    dataSource: DataSource,
    jobResults: JobResults,
    store: ArtifactStore,
  ) => Promise<DatasetCommands> | DatasetCommands;
  readonly openSignIn?: (dataSource: DataSource, logger: Logger) => SignIn;
  readonly webhooks?: TestWebhookOptions;
  readonly predictionTimeoutMs?: number;
  /** Default: no metrics. */
  readonly observability?: ObservabilitySettings;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = options.database ?? (await createTestDatabase());
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'trace', serializers: { err: toLoggedError }, mixin: requestFields },
    { write: (line: string) => log.push(JSON.parse(line)) },
  );
  const seen = options.observability ?? { metrics: null, traces: null };
  const observation = await observeApi(seen, '0.0.0-test', logger);
  const { Client, observers, onNewEvents } = observation;
  const dataSource = await createDataSource({ url: database.url, entities, Client }).initialize();
  const projectId = await ensureDefaultProject(dataSource);
  const query = poolQuery(dataSource);
  const events = openEvents({ databaseUrl: database.url, query, log: () => undefined, onNew: onNewEvents });
  await events.ready;
  const stopServing = await observation.serve({ dataSource, query, workers: createWorkerReads(query, 30) });
  const clients: Client[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'attune-api-'));
  const store = await openFileSystemStore({ root: folder });
  await store.write(tinyTokenizer);

  const opened = (await options.openExamples?.(store, join(folder, 'reading'))) ?? null;
  const examples: ExampleReader = opened ?? {
    readExamples: async ({ afterRow, beforeRow, limit, split }) => {
      const rows = Array.from({ length: 100 }, (_, row) => ({
        row,
        split: row < 80 ? 'train' : 'test',
        madeBy: null,
        sourceRow: null,
        values: { text: `text ${row}` },
      })).filter((each) => split === null || each.split === split);
      if (beforeRow !== undefined) return rows.filter(({ row }) => row < beforeRow).slice(-limit);
      return rows.filter(({ row }) => row > (afterRow ?? -1)).slice(0, limit);
    },
    readRows: async ({ rows }) =>
      rows.map((row) => ({ row, split: 'test', madeBy: null, sourceRow: null, values: { text: `text ${row}` } })),
    queryFiles: async () => [],
    countLabels: async () => api.labelCounts,
    summarizeNumbers: async () => api.numberSummaries,
    measureLists: async () => api.listMeasures,
    compareWords: async () => api.unequalWords,
    findDuplicates: async () => api.duplicates,
    sampleTexts: async ({ limit, textColumns }) =>
      Array.from({ length: Math.min(limit, 80) }, (_, row) => ({
        row,
        texts: textColumns.map((column) => `${column} ${row} a b c d`),
      })),
  };
  const ownerKey = options.host === undefined ? undefined : ((await createFirstOwnerKey(dataSource)) ?? undefined);
  const webhooks = startWebhooks({
    serverSecret: randomBytes(32),
    allowPrivate: [],
    // The regular search for due deliveries would disturb tests that count statements.
    ...(options.webhooks ?? { pollIntervalMs: 3_600_000 }),
    dataSource,
    due: events.webhooksDue,
    version: '0.0.0-test',
    log: (message) => logger.info(message),
  });
  const server = await startApi({
    host: options.host ?? '127.0.0.1',
    trustLocal: true,
    port: 0,
    version: '0.0.0-test',
    dataSource,
    databaseUrl: database.url,
    publicUrl: options.publicUrl ?? null,
    network: { ...defaultNetworkSettings, ...options.network },
    ...(options.socketLimits === undefined ? {} : { socketLimits: options.socketLimits }),
    ...(options.socketInitTimeoutMs === undefined ? {} : { socketInitTimeoutMs: options.socketInitTimeoutMs }),
    events,
    datasets: (await options.openDatasets?.(dataSource, events.jobResults, store)) ?? noDatasets,
    examples,
    store,
    uploads: Router(),
    signIn: options.openSignIn?.(dataSource, logger) ?? null,
    webhooks: webhooks.service,
    serverSecret: randomBytes(32),
    rules: createNetworkRules(parsePrivateAllowance('127.0.0.1')!),
    maxUploadBytes: 2 ** 32,
    leaseSeconds: 30,
    predictionTimeoutMs: options.predictionTimeoutMs ?? 300,
    logger,
    observers,
  });

  async function close(): Promise<void> {
    await Promise.all(clients.map((client) => client.dispose()));
    await server.close();
    await stopServing();
    await observation.close();
    await webhooks.close();
    await events.close();
    await dataSource.destroy();
    opened?.close();
    if (options.database === undefined) await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
  const api: TestApi = {
    url: server.url,
    projectId,
    dataSource,
    databaseUrl: database.url,
    folder,
    jobResults: events.jobResults,
    loopTools: server.loopTools,
    log,
    store,
    labelCounts: topicCounts,
    numberSummaries: {},
    listMeasures: { lengths: {}, unequal: {} },
    unequalWords: [],
    duplicates: [],
    async send(query, variables = {}, key = undefined) {
      const sending = request(server.url).post('/graphql');
      if (key !== undefined) sending.set('authorization', `Bearer ${key}`);
      const { status, body } = await sending.send({ query, variables });
      return { status, body };
    },
    async request<Data>(query: string, variables: Record<string, unknown> = {}) {
      const { body } = await api.send<Data>(query, variables, ownerKey);
      if (body.errors !== undefined || body.data === null) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
    connect(connectionParams = {}) {
      const client = createClient({
        url: `${server.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams,
        retryAttempts: 0,
      });
      clients.push(client);
      return client;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return api;
}

const notHere = (): Promise<never> => Promise.reject(new Error('These tests create no datasets through the API.'));
const noDatasets: DatasetCommands = {
  useUpload: notHere,
  createUpload: notHere,
  cancelUpload: notHere,
  createDataset: notHere,
  addDatasetVersion: notHere,
  resplitDatasetVersion: notHere,
  joinDatasetVersions: notHere,
};
