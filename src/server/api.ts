import type { Router } from 'express';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { createAuthenticator } from '../access/authenticate.js';
import { createLiveRights } from '../access/live-rights.js';
import { ProjectActivityResolver } from '../activity/project-activity.resolver.js';
import { projectEventResolvers } from '../activity/project-event.resolver.js';
import { createContextFor } from '../app/context.js';
import { createLiveFeeds } from '../app/live-feeds.js';
import type { Events } from '../app/open-events.js';
import { openCancellableStatements } from '../database/cancellable-query.js';
import { DatasetResolver } from '../datasets/dataset.resolver.js';
import type { DatasetCommands, ExampleReader } from '../datasets/dataset-commands.js';
import { ColumnResolver, DatasetVersionResolver } from '../datasets/dataset-version.resolver.js';
import { EvaluationResolver } from '../evaluations/evaluation.resolver.js';
import { createEvaluationService } from '../evaluations/evaluation.service.js';
import { PredictionResolver } from '../evaluations/prediction.resolver.js';
import { createPredictionService, predictionLimits } from '../evaluations/prediction.service.js';
import { ComparedEvaluationsResolver } from '../experiments/comparison/compared-evaluations.resolver.js';
import { ComparisonResolver } from '../experiments/comparison/comparison.resolver.js';
import { DiffConfigurationResolver, ExperimentDiffResolver } from '../experiments/comparison/diff.resolver.js';
import { ExperimentResolver } from '../experiments/experiment.resolver.js';
import { createExperimentService } from '../experiments/experiment.service.js';
import { ExperimentCommandsResolver } from '../experiments/experiment-commands.resolver.js';
import { ExperimentEventsResolver } from '../experiments/experiment-events.resolver.js';
import { ExperimentMetricsResolver } from '../experiments/experiment-metrics.resolver.js';
import { maxLabels } from '../experiments/labels.js';
import { ExperimentTagsResolver, OrganizingResolver } from '../experiments/organizing.resolver.js';
import { createOrganizingService } from '../experiments/organizing.service.js';
import { buildGraphQLSchema } from '../graphql/build-schema.js';
import { maxPageSize } from '../graphql/connection.js';
import { documentPolicy } from '../graphql/document-policy.js';
import { NodeResolver } from '../graphql/node.resolver.js';
import { type OperationLimits, operationLimits } from '../graphql/operation-limits.js';
import { loadPersistedDocuments } from '../graphql/persisted-documents.js';
import { BaseModelResolver } from '../models/base-model.resolver.js';
import { TokenizationResolver, TokenizerResolver } from '../models/tokenizer.resolver.js';
import { createTokenizers } from '../models/tokenizers.js';
import { ApiKeyResolver } from '../people/api-key.resolver.js';
import { createApiKeyService } from '../people/api-key.service.js';
import { MemberResolver } from '../people/member.resolver.js';
import { createMemberService } from '../people/member.service.js';
import type { SignIn } from '../people/sign-in/index.js';
import { limitSignIns } from '../people/sign-in/limit-sign-ins.js';
import { SessionResolver } from '../people/sign-in/session.resolver.js';
import { createSessionService } from '../people/sign-in/session.service.js';
import { noSignInRouter, signInPath } from '../people/sign-in/sign-in.router.js';
import { UserResolver } from '../people/user.resolver.js';
import { createUserService } from '../people/user.service.js';
import { ProjectResolver } from '../projects/project.resolver.js';
import { createProjectService } from '../projects/project.service.js';
import { ProjectCommandsResolver } from '../projects/project-commands.resolver.js';
import { ProjectQuotaResolver, ProjectUsageResolver } from '../projects/quota.resolver.js';
import { createQuotaService } from '../projects/quota.service.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { ModelExportResolver } from '../transfers/model-export.resolver.js';
import { createModelExportService } from '../transfers/model-export.service.js';
import { ModelImportResolver } from '../transfers/model-import.resolver.js';
import { createModelImportService } from '../transfers/model-import.service.js';
import { ProjectWebhooksResolver, WebhookDeliveryResolver, WebhookResolver } from '../webhooks/webhook.resolver.js';
import type { WebhookService } from '../webhooks/webhook.service.js';
import { createWorkerReads } from '../workers/worker.reads.js';
import { clientAddressThrough } from './client-address.js';
import { exportsRouter } from './exports.js';
import { maxOperationsPerSocket } from './graphql-websocket.js';
import { healthRouter } from './health.js';
import { maxRequestBytes } from './http-app.js';
import { type HttpServer, maxSocketMessageBytes, startHttpServer } from './http-server.js';
import { createIdentification } from './identify.js';
import { limitAttempts } from './limit-attempts.js';
import { isLocalRequest } from './local-only.js';
import { defaultNetworkSettings, type NetworkSettings } from './network-settings.js';
import { createRateLimit, type RateLimit } from './rate-limits.js';
import { ServerInfoResolver } from './server-info.resolver.js';
import type { ServerFeature } from './server-info.type.js';
import type { SocketLimitSettings } from './socket-limits.js';

/** How long an expired key, or a lost notification, can go unnoticed on an open connection. */
const sweepIntervalMs = 5_000;
/** Begun from one address in a minute; people behind one router share one. */
const maxSignIns = 120;
/** Bad credentials from one address in a minute. */
const maxAttempts = 60;

export interface ApiOptions {
  readonly host: string;
  /** Whether who works on this machine needs no credential, when the server listens on a loopback address. */
  readonly trustLocal: boolean;
  readonly port: number;
  readonly version: string;
  readonly dataSource: DataSource;
  readonly events: Pick<
    Events,
    'runEvents' | 'projectEvents' | 'jobResults' | 'workerChanges' | 'transferChanges' | 'accessChanges'
  >;
  readonly datasets: DatasetCommands;
  readonly examples: ExampleReader;
  /** Where tokenizers and the files of exports are read from. */
  readonly store: Pick<ArtifactStore, 'localPath' | 'read'>;
  /** Where uploads are sent to. */
  readonly uploads: Router;
  /** Null: nobody signs in through an OpenID provider. */
  readonly signIn: SignIn | null;
  readonly webhooks: WebhookService;
  readonly databaseUrl: string;
  /** The URL that people reach the server by, an origin; null: the address it listens on. */
  readonly publicUrl?: string | null;
  readonly network?: NetworkSettings;
  readonly socketLimits?: Partial<SocketLimitSettings>;
  readonly socketInitTimeoutMs?: number;
  readonly maxUploadBytes: number;
  readonly leaseSeconds: number;
  /** How long a prediction may take before its caller is told that it did not come. */
  readonly predictionTimeoutMs: number;
  readonly logger: Logger;
}

/** Puts services, schema and server together, and listens. Throws ListenError. */
export async function startApi(options: ApiOptions): Promise<HttpServer> {
  const { host, port, version, dataSource, events, datasets, examples, store, uploads, leaseSeconds, logger } = options;
  const { network = defaultNetworkSettings, publicUrl = null } = options;
  const log = (message: string): void => logger.warn(message);
  const statements = openCancellableStatements({ dataSource, databaseUrl: options.databaseUrl, log });
  const { query } = statements;
  const workers = createWorkerReads(query, leaseSeconds);
  const tokenizers = createTokenizers(store);
  const experiments = createExperimentService({ dataSource, query, examples, tokenizers });
  const evaluations = createEvaluationService({ dataSource, query, examples });
  const predictions = createPredictionService({
    dataSource,
    query,
    jobResults: events.jobResults,
    workers,
    timeoutMs: options.predictionTimeoutMs,
  });
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
  const schema = buildGraphQLSchema([
    new NodeResolver(query),
    new ProjectResolver(query),
    new ProjectCommandsResolver(createProjectService({ dataSource, query })),
    new MemberResolver(createMemberService({ dataSource, query })),
    new ApiKeyResolver(createApiKeyService({ dataSource, query, now: () => new Date() })),
    new SessionResolver(createSessionService({ dataSource })),
    new UserResolver(createUserService({ dataSource })),
    new ProjectQuotaResolver(createQuotaService({ dataSource })),
    new ProjectUsageResolver(),
    new DatasetResolver(query, datasets),
    new DatasetVersionResolver(examples),
    new ColumnResolver(),
    new BaseModelResolver(),
    new TokenizerResolver(tokenizers),
    new TokenizationResolver(tokenizers),
    new ExperimentResolver(),
    new ExperimentMetricsResolver(),
    new ComparisonResolver(),
    new ComparedEvaluationsResolver(),
    new ExperimentDiffResolver(),
    new DiffConfigurationResolver(),
    new ExperimentCommandsResolver(experiments),
    new ExperimentEventsResolver(),
    new OrganizingResolver(createOrganizingService({ dataSource })),
    new ExperimentTagsResolver(),
    new EvaluationResolver(evaluations),
    new PredictionResolver(predictions),
    new ModelImportResolver(createModelImportService({ dataSource, query })),
    new ModelExportResolver(createModelExportService({ dataSource, query })),
    new ProjectActivityResolver(),
    ...projectEventResolvers.map((EventResolver) => new EventResolver()),
    new ProjectWebhooksResolver(),
    new WebhookResolver(options.webhooks),
    new WebhookDeliveryResolver(),
    new ServerInfoResolver(workers, version, features, limits),
  ]);
  const authenticator = createAuthenticator({
    query,
    isLocal: (headers) => options.trustLocal && isLocalRequest(headers, host),
    sessions: options.signIn?.sessions ?? null,
  });
  const liveRights = createLiveRights({ authenticator, sweepIntervalMs, log });
  const stopListening = events.accessChanges.subscribe(liveRights.notified);
  const addressOf = clientAddressThrough(network.trustedProxies);
  const attempts = rateLimitOf(dataSource, 'attempts', maxAttempts)!;
  const identification = createIdentification(
    limitAttempts(authenticator, { attempts, addressOf }),
    options.signIn === null ? null : signInPath,
  );
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
    },
    findDocument: documentPolicy(documents, network.documentMode),
    maxConnections: network.maxConnections,
    ...(options.socketLimits === undefined ? {} : { socketLimits: options.socketLimits }),
    ...(options.socketInitTimeoutMs === undefined ? {} : { socketInitTimeoutMs: options.socketInitTimeoutMs }),
    createContext: createContextFor({ query, workerReads: workers, live: createLiveFeeds(events, query) }),
    routers: [
      healthRouter(workers),
      ...(options.signIn === null
        ? [noSignInRouter()]
        : [limitSignIns(rateLimitOf(dataSource, 'sign-ins', maxSignIns)!, addressOf), options.signIn.router]),
      uploads,
      exportsRouter({ query, store, identify: identification.ofClient, viewerOf: identification.viewerOf }),
    ],
    logger,
  });
  return {
    url: server.url,
    async close() {
      stopListening();
      await server.close();
      liveRights.close();
      await statements.close();
    },
  };
}

/** Points in a minute; null where there are none to count. */
function rateLimitOf(dataSource: DataSource, name: string, points: number): RateLimit | null {
  return points === 0 ? null : createRateLimit({ dataSource, name, points, windowSeconds: 60 });
}
