import 'reflect-metadata';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { createAuthenticator } from '../access/authenticate.js';
import { createKnownKeys } from '../access/known-keys.js';
import { createLiveRights } from '../access/live-rights.js';
import { batchFilesRouter } from '../batch-predictions/batch-files.router.js';
import { openCancellableStatements } from '../database/cancellable-query.js';
import { poolQuery } from '../database/transaction.js';
import { datasetExportsRouter } from '../dataset-exports/dataset-export-files.router.js';
import type { DatasetCommands, ExampleReader } from '../datasets/dataset-commands.js';
import { predictionLimits } from '../evaluations/prediction.service.js';
import type { Rejudging } from '../feedback/rejudging.js';
import { openAiRouter } from '../generations/openai/openai.router.js';
import { maxPageSize } from '../graphql/connection.js';
import { documentPolicy } from '../graphql/document-policy.js';
import { type OperationLimits, operationLimits } from '../graphql/operation-limits.js';
import { loadPersistedDocuments } from '../graphql/persisted-documents.js';
import type { LoopTools } from '../loops/steps/step.js';
import type { NetworkRules } from '../outbound/network-rules.js';
import { rewardKeyOf } from '../outbound/reward-secret.js';
import { auditExportRouter } from '../people/audit-export.router.js';
import type { SignIn } from '../people/sign-in/index.js';
import { limitSignIns } from '../people/sign-in/limit-sign-ins.js';
import { noSignInRouter, signInPath } from '../people/sign-in/sign-in.router.js';
import { maxLabels } from '../protocol/heads.js';
import { clientAddressThrough } from '../server/client-address.js';
import { maxOperationsPerSocket } from '../server/graphql-websocket.js';
import { healthRouter } from '../server/health.js';
import { maxRequestBytes } from '../server/http-app.js';
import {
  type HttpServer,
  maxSocketMessageBytes,
  type ServerObservers,
  startHttpServer,
} from '../server/http-server.js';
import { createIdentification } from '../server/identify.js';
import { limitAttempts } from '../server/limit-attempts.js';
import { isLocalRequest } from '../server/local-only.js';
import { defaultNetworkSettings, type NetworkSettings } from '../server/network-settings.js';
import { createRateLimit, type RateLimit } from '../server/rate-limits.js';
import type { SocketLimitSettings } from '../server/socket-limits.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { exportsRouter } from '../transfers/export-files.router.js';
import { createSignedPaths } from '../transfers/signed-paths.js';
import type { WebhookService } from '../webhooks/webhook.service.js';
import { createWorkerReads } from '../workers/worker.reads.js';
import { graphQLSchema } from './build-schema.js';
import { createContextFor } from './context.js';
import { createLiveFeeds } from './live-feeds.js';
import type { Events } from './open-events.js';
import type { ServerFeature } from './server-info.type.js';
import { createServices } from './services.js';

/** How long an expired key, or a lost notification, can go unnoticed on an open connection. */
const sweepIntervalMs = 5_000;
/** How many sign-ins may begin from one address in a minute; people behind one router share an address. */
const maxSignIns = 120;
/** How many bad credentials may come from one address in a minute. */
const maxAttempts = 60;

export interface ApiOptions {
  readonly host: string;
  /** Whether requests from this machine need no credential while the server listens on a loopback address. */
  readonly trustLocal: boolean;
  readonly port: number;
  readonly version: string;
  readonly dataSource: DataSource;
  readonly events: Pick<
    Events,
    | 'runEvents'
    | 'generationEvents'
    | 'generationListeners'
    | 'feedbackEvents'
    | 'loopEvents'
    | 'projectEvents'
    | 'jobResults'
    | 'workerChanges'
    | 'transferChanges'
    | 'accessChanges'
  >;
  readonly datasets: DatasetCommands;
  readonly examples: ExampleReader;
  /** The store of tokenizers and of the files of exports and batch predictions. */
  readonly store: ArtifactStore;
  /** The routes that receive uploads. */
  readonly uploads: Router;
  /** Null: people can't sign in. */
  readonly signIn: SignIn | null;
  readonly webhooks: WebhookService;
  /** Keys are derived from it that must not lie in the database. */
  readonly serverSecret: Buffer;
  /** Where reward services may be. */
  readonly rules: NetworkRules;
  readonly databaseUrl: string;
  /** The origin that people reach the server by; null: the address that the server listens on. */
  readonly publicUrl?: string | null;
  readonly network?: NetworkSettings;
  readonly socketLimits?: Partial<SocketLimitSettings>;
  readonly socketInitTimeoutMs?: number;
  readonly maxUploadBytes: number;
  readonly leaseSeconds: number;
  /** How long a prediction may take before its caller gets a timeout problem. */
  readonly predictionTimeoutMs: number;
  readonly logger: Logger;
  /** Null: nobody is told what the server does. */
  readonly observers?: ServerObservers | null;
}

export interface Api extends HttpServer {
  /** What the steps of feedback loops are taken with. */
  readonly loopTools: LoopTools;
  /** What goes on with items of feedback tasks that are judged by another overlap. */
  readonly rejudging: Rejudging;
}

/** Assembles services, schema and server, and listens. Throws ListenError. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { host, port, version, dataSource, events, datasets, examples, store, uploads, leaseSeconds, logger } = options;
  const { network = defaultNetworkSettings, publicUrl = null } = options;
  const log = (message: string): void => logger.warn(message);
  const statements = openCancellableStatements({ dataSource, databaseUrl: options.databaseUrl, log });
  const { query } = statements;
  const workers = createWorkerReads(query, leaseSeconds);
  const { maxComplexity, maxDepth, maxBatchSize } = network;
  const operations: OperationLimits = { ...operationLimits, maxComplexity, maxDepth, maxBatchSize };
  const rateLimit = rateLimitOf(dataSource, 'operations', network.rateLimit);
  const limits = {
    ...operations,
    maxPageSize,
    maxRequestBytes,
    maxSocketMessageBytes,
    maxOperationsPerSocket,
    rateLimit: rateLimit?.points ?? null,
    queryTimeoutMs: network.queryTimeoutMs === 0 ? null : network.queryTimeoutMs,
    persistedDocumentsOnly: network.documentMode === 'persisted-only',
    maxUploadBytes: options.maxUploadBytes,
    maxLabels,
    maxPredictTexts: predictionLimits.maxTexts,
    maxPredictTextLength: predictionLimits.maxTextLength,
  };
  const features: ServerFeature[] = [
    ...(options.signIn === null ? [] : (['SIGN_IN'] as const)),
    ...(network.documentPaths.length === 0 ? [] : (['PERSISTED_DOCUMENTS'] as const)),
  ];
  const signedPaths = createSignedPaths(options.serverSecret, () => new Date());
  const services = createServices({
    dataSource,
    query,
    store,
    workers,
    datasets,
    examples,
    webhooks: options.webhooks,
    signedPaths,
    rewardAccess: { query, rules: options.rules, rewardKey: rewardKeyOf(options.serverSecret) },
    jobResults: events.jobResults,
    generationEvents: events.generationEvents,
    generationListeners: events.generationListeners,
    onSweepFailed: (error) =>
      logger.warn({ err: error }, 'Files of a deletion were not removed; the next sweep tries again'),
    onAgreementFailed: (error) =>
      logger.warn({ err: error }, 'The agreement of a feedback task was not computed; the next answers try again'),
    predictionTimeoutMs: options.predictionTimeoutMs,
    version,
    features,
    limits,
  });
  const schema = graphQLSchema();
  const keys = createKnownKeys(query);
  const authenticator = createAuthenticator({
    query,
    keys,
    isLocal: (headers) => options.trustLocal && isLocalRequest(headers, host),
    sessions: options.signIn?.sessions ?? null,
  });
  const liveRights = createLiveRights({ authenticator, sweepIntervalMs, log });
  const stopListening = events.accessChanges.subscribe((userId) => {
    keys.forget(userId);
    services.knownProjects.forget();
    liveRights.notified(userId);
  });
  const addressOf = clientAddressThrough(network.trustedProxies);
  const attempts = rateLimitOf(dataSource, 'attempts', maxAttempts)!;
  const identify = limitAttempts(authenticator, { attempts, addressOf });
  const identification = createIdentification(identify, options.signIn === null ? null : signInPath);
  const documents = await loadPersistedDocuments(network.documentPaths, schema);
  const server = await startHttpServer({
    host,
    port,
    schema,
    identification,
    liveRights,
    origins: { publicUrl, corsOrigins: network.corsOrigins },
    addressOf,
    gate: {
      limits: operations,
      rateLimit,
      queryTimeoutMs: network.queryTimeoutMs,
      introspection: network.introspection,
      // Whoever may not read the schema should not learn it from errors.
      suggestions: network.introspection && network.documentMode === 'any',
    },
    findDocument: documentPolicy(documents, network.documentMode),
    maxConnections: network.maxConnections,
    ...(options.socketLimits === undefined ? {} : { socketLimits: options.socketLimits }),
    ...(options.socketInitTimeoutMs === undefined ? {} : { socketInitTimeoutMs: options.socketInitTimeoutMs }),
    createContext: createContextFor({
      services,
      query,
      workerReads: workers,
      live: createLiveFeeds(events, query, log),
      forgetRights: () => {
        keys.forget(null);
        services.knownProjects.forget();
      },
    }),
    routers: [
      healthRouter(workers),
      ...(options.signIn === null
        ? [noSignInRouter()]
        : [limitSignIns(rateLimitOf(dataSource, 'sign-ins', maxSignIns)!, addressOf), options.signIn.router]),
      uploads,
      exportsRouter({
        query,
        store,
        signedPaths,
        identify: identification.ofClient,
        viewerOf: identification.viewerOf,
      }),
      datasetExportsRouter({
        query,
        store,
        signedPaths,
        identify: identification.ofClient,
        viewerOf: identification.viewerOf,
      }),
      batchFilesRouter({
        query,
        store,
        signedPaths,
        identify: identification.ofClient,
        viewerOf: identification.viewerOf,
      }),
      openAiRouter({
        query,
        generations: services.generations,
        identify,
        liveRights,
        rateLimit,
        logUnexpected: (error, errorId) => logger.error({ err: error, errorId }, 'A request of OpenAI’s API failed'),
      }),
      auditExportRouter({ query, identify: identification.ofClient, viewerOf: identification.viewerOf }),
    ],
    logger,
    observers: options.observers ?? null,
  });
  const {
    feedbackTasks,
    feedbackDatasets,
    feedbackResults,
    experiments,
    evaluations,
    predictions,
    modelAliases: aliases,
  } = services;
  return {
    rejudging: services.rejudging,
    loopTools: {
      dataSource,
      query: poolQuery(dataSource),
      feedbackTasks,
      feedbackDatasets,
      feedbackResults,
      experiments,
      evaluations,
      predictions,
      aliases,
      examples,
    },
    url: server.url,
    async close() {
      stopListening();
      await server.close();
      liveRights.close();
      await statements.close();
    },
  };
}

/** A limit of points in a minute; null for 0 points, which mean no limit. */
function rateLimitOf(dataSource: DataSource, name: string, points: number): RateLimit | null {
  return points === 0 ? null : createRateLimit({ dataSource, name, points, windowSeconds: 60 });
}
