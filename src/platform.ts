import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { type ApiOptions, startApi } from './app/api.js';
import { entities } from './app/entities.js';
import { metricsSettingsOf, observeApi } from './app/observe-api.js';
import { type Events, openEvents } from './app/open-events.js';
import { createDataSource } from './database/data-source.js';
import { startEmbeddedServer } from './database/embedded/server.js';
import type { DatabaseError } from './database/errors.js';
import { migrate } from './database/migrate.js';
import { poolQuery } from './database/transaction.js';
import { createDatasetService } from './datasets/dataset.service.js';
import { openExampleReader } from './datasets/example-reader.js';
import { sweepPreparations } from './datasets/preparation/sweep-preparations.js';
import { uploadsRouter } from './datasets/upload.router.js';
import { createUploadService } from './datasets/upload.service.js';
import { sweepUploads } from './datasets/upload-sweep.js';
import { sweepFiles } from './deletion/sweep-files.js';
import type { Env } from './env.js';
import type { JobResults } from './events/job-results.js';
import { pruneEndedRuns } from './experiments/prune-ended.js';
import { startRejudging } from './feedback/rejudging.js';
import { sweepGenerations } from './generations/sweep-generations.js';
import { startLoopDriver } from './loops/loop-driver.js';
import { registerBundledBaseModels } from './models/register-bundled.js';
import { createNetworkRules } from './outbound/network-rules.js';
import { rewardKeyOf } from './outbound/reward-secret.js';
import { readServerSecret } from './outbound/server-secret.js';
import { createFirstOwnerKey } from './people/owner-key.js';
import { openSignIn, type SignIn } from './people/sign-in/index.js';
import { ensureDefaultProject } from './projects/default-project.js';
import { artifactFolder } from './protocol/home.js';
import { readVersion } from './protocol/product-version.js';
import { noteWorkerEnding } from './protocol/sql/note-worker-ending.js';
import { requireFree } from './server/listen.js';
import { answerTimeoutMs } from './server/network-settings.js';
import type { ArtifactStore } from './storage/artifact-store.js';
import { openFileSystemStore } from './storage/file-system-store.js';
import { createSignedPaths } from './transfers/signed-paths.js';
import { startWebhooks } from './webhooks/index.js';
import { sweepDeliveries } from './webhooks/sweep-deliveries.js';
import { createWorkerReads, type WorkerReads } from './workers/worker.reads.js';
import { superviseWorkers, workerEnvironment } from './workers/worker-process.js';

const sweepIntervalMs = 3_600_000;
const loopPollIntervalMs = 5_000;
const loopLeaseSeconds = 15;
const rejudgingPollIntervalMs = 2_000;

export interface Platform {
  /** e.g. http://127.0.0.1:4000 */
  readonly url: string;
  readonly version: string;
  /** Only at the first start: a key that may do everything, shown once to whoever started the platform. */
  readonly ownerKey: string | null;
  /** Where the database is, in words. */
  readonly database: string;
  /** Tells subscribers to go away, ends requests and workers in order, then the database. */
  close(): Promise<void>;
}

/**
 * Assembles the whole platform and starts it: database, migrations, the models that come with the product, API,
 * workers. If a part fails, the parts started before it are ended again. Throws DatabaseError and ListenError, whose
 * messages are for the person who starts the platform.
 *
 * @param workerScript the worker's main file
 * @param workerEnv further environment variables for worker processes
 * @param onLost called when the embedded database went away and could not be started again: then the only thing left to
 * do is to end this process
 */
export async function startPlatform(
  env: Env,
  options: {
    readonly logger: Logger;
    readonly workerScript: string;
    readonly workerEnv: NodeJS.ProcessEnv;
    readonly writeWorkerLine: (line: string) => void;
    readonly onLost: (error: DatabaseError) => void;
  },
): Promise<Platform> {
  const { logger } = options;
  const log = (message: string): void => logger.info(message);
  const started: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of started.splice(0).reverse()) await close();
  };
  try {
    const { databaseUrl, database, announce } = await openDatabase(env, log, options.onLost, started);
    const migrations = await migrate(databaseUrl);
    if (migrations.length > 0) log(`Database brought up to date: ${migrations.length} migrations`);
    const version = readVersion();
    const observation = await observeApi(env.observability, version, logger);
    const { Client } = observation;
    started.push(() => observation.close());
    const dataSource = await createDataSource({ url: databaseUrl, log, entities, Client }).initialize();
    started.push(() => dataSource.destroy());
    const store = await openFileSystemStore({ root: artifactFolder(env.home) });
    await registerBundledBaseModels(dataSource, store, await ensureDefaultProject(dataSource));
    const serverSecret = await readServerSecret(env.home, env.secret);
    started.push(sweepRegularly(dataSource, store, env.checkpointDays, logger));
    const query = poolQuery(dataSource);
    const events = openEvents({ databaseUrl, query, log, onNew: observation.onNewEvents });
    const workerReads = createWorkerReads(query, env.leaseSeconds);
    const making = { jobResults: events.jobResults, workers: workerReads };
    const datasets = await assembleDatasets(env, dataSource, store, serverSecret, making, started);
    const reporting = reportWorkers(events, workerReads, logger);
    started.push(async () => {
      await events.close();
      await reporting;
    });

    started.push(await observation.serve({ dataSource, query, workers: workerReads }));
    const webhooks = startWebhooks({
      dataSource,
      due: events.webhooksDue,
      serverSecret,
      allowPrivate: env.webhookAllowPrivate,
      version,
      log,
    });
    started.push(() => webhooks.close());

    // Workers start before the API, so that one is ready soon after it, and stop after the API.
    const workers = superviseWorkers({
      count: env.workers,
      script: options.workerScript,
      env: workerEnvironment(options.workerEnv, workerSettings(env, databaseUrl, serverSecret)),
      envOf: (index) => metricsSettingsOf(env.observability, index),
      writeLine: options.writeWorkerLine,
      log,
      onEnded: (processId, ending) => {
        noteWorkerEnding(poolQuery(dataSource), { host: hostname(), processId }, ending).catch((error: unknown) =>
          log(`How worker process ${processId} ended could not be noted: ${String(error)}`),
        );
      },
    });
    started.push(() => workers.stop());
    const api = await startApi({
      host: env.host,
      trustLocal: env.trustLocal,
      port: env.port,
      version,
      dataSource,
      databaseUrl,
      publicUrl: env.publicUrl,
      network: env.network,
      events,
      ...datasets,
      store,
      signIn: assembleSignIn(env, dataSource, logger),
      webhooks: webhooks.service,
      serverSecret,
      rules: createNetworkRules(env.webhookAllowPrivate),
      maxUploadBytes: env.maxUploadBytes,
      leaseSeconds: env.leaseSeconds,
      predictionTimeoutMs: answerTimeoutMs(env.network),
      logger,
      observers: observation.observers,
    });
    started.push(() => api.close());
    const loops = startLoopDriver({
      tools: api.loopTools,
      due: events.loopsDue,
      pollIntervalMs: loopPollIntervalMs,
      leaseSeconds: loopLeaseSeconds,
      log,
    });
    started.push(() => loops.close());
    started.push(startRejudging({ rejudging: api.rejudging, query, pollIntervalMs: rejudgingPollIntervalMs, log }));
    await announce(api.url);
    // Created as late as possible, because a start that fails must not use it up.
    const ownerKey = env.printsOwnerKey ? await createFirstOwnerKey(dataSource) : null;
    return { url: api.url, version, database, ownerKey, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** The server that DATABASE_URL names, or an embedded server on the data in ATTUNE_HOME. */
async function openDatabase(
  env: Env,
  log: (message: string) => void,
  onLost: (error: DatabaseError) => void,
  started: (() => Promise<void>)[],
): Promise<{ databaseUrl: string; database: string; announce: (url: string) => Promise<void> }> {
  // What keeps the API from listening is told at once, and not after minutes of migrations.
  const beforeStart = (): Promise<void> => requireFree(env.host, env.port);
  if (env.databaseUrl !== null) {
    await beforeStart();
    const { host, pathname } = new URL(env.databaseUrl);
    return {
      databaseUrl: env.databaseUrl,
      database: `PostgreSQL at ${host}${pathname}`,
      announce: () => Promise.resolve(),
    };
  }
  const server = await startEmbeddedServer({ home: env.home, log, onLost, beforeStart });
  started.push(() => server.stop());
  return {
    databaseUrl: server.url,
    database: 'PostgreSQL of its own',
    announce: (url) => server.announce(url),
  };
}

/** Assembles the datasets slice: uploads, versions, reading. */
async function assembleDatasets(
  env: Env,
  dataSource: DataSource,
  store: ArtifactStore,
  serverSecret: Buffer,
  making: { readonly jobResults: JobResults; readonly workers: WorkerReads },
  started: (() => Promise<void>)[],
): Promise<Pick<ApiOptions, 'datasets' | 'examples' | 'uploads'>> {
  const now = () => new Date();
  const { isSigned } = createSignedPaths(serverSecret, now);
  const uploads = createUploadService({ dataSource, store, maxBytes: env.maxUploadBytes, now, isSigned });
  const folder = join(env.home, 'ingestion');
  const datasets = createDatasetService({ dataSource, store, uploads, ...making });
  const examples = await openExampleReader(store, join(folder, 'reading'));
  started.push(async () => examples.close());
  return { datasets, examples, uploads: uploadsRouter(uploads) };
}

/** Assembles the sign-in of people, if it is set up. */
function assembleSignIn(env: Env, dataSource: DataSource, logger: Logger): SignIn | null {
  const { signIn: settings, publicUrl } = env;
  return settings === null ? null : openSignIn({ settings, publicUrl, dataSource, now: () => new Date(), logger });
}

/** Removes data that nobody will use any more, now and every hour. Returns a function that ends this. */
function sweepRegularly(
  dataSource: DataSource,
  store: ArtifactStore,
  checkpointDays: number,
  logger: Logger,
): () => Promise<void> {
  let sweeping: Promise<void> = Promise.resolve();
  const sweepAll = async (): Promise<void> => {
    const uploads = await sweepUploads(dataSource, store);
    if (uploads > 0) logger.info(`Removed ${uploads} uploads that were never used`);
    const deliveries = await sweepDeliveries(dataSource);
    if (deliveries > 0) logger.info(`Removed the log of ${deliveries} old deliveries of webhooks`);
    const generations = await sweepGenerations(dataSource);
    if (generations > 0) logger.info(`Removed ${generations} generations that ended long ago`);
    const checkpoints = await pruneEndedRuns(dataSource, checkpointDays);
    if (checkpoints > 0) logger.info(`Retired ${checkpoints} checkpoints of experiments that have ended`);
    const preparations = await sweepPreparations(dataSource);
    if (preparations > 0) logger.info(`Removed the rows of ${preparations} preparations that nobody took`);
    // Also those of deletions whose process died before it came to them.
    const files = await sweepFiles(dataSource, store);
    if (files > 0) logger.info(`Removed ${files} files that nothing needs any more`);
  };
  const sweep = (): void => {
    sweeping = sweepAll().catch((error: unknown) =>
      logger.warn({ err: error }, 'Removing what is not used any more failed'),
    );
  };
  sweep();
  const timer = setInterval(sweep, sweepIntervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}

/** The environment variables that a worker reads. */
function workerSettings(env: Env, databaseUrl: string, serverSecret: Buffer): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: databaseUrl,
    ATTUNE_HOME: env.home,
    ATTUNE_REWARD_KEY: rewardKeyOf(serverSecret).toString('base64'),
    ATTUNE_ENGINE: env.engine,
    ATTUNE_THREADS: String(env.threads),
    ATTUNE_LEASE_SECONDS: String(env.leaseSeconds),
    ATTUNE_HEARTBEAT_MS: String(env.heartbeatIntervalMs),
    LOG_LEVEL: env.logLevel,
  };
}

/**
 * Logs each worker that comes online, with the engine it chose, and each worker that goes. Ends when the events are
 * closed.
 */
async function reportWorkers(events: Events, workers: WorkerReads, logger: Logger): Promise<void> {
  const known = new Map<string, string>();
  for await (const id of events.workerChanges.subscribe()) {
    try {
      const [worker] = await workers.byIds([id]);
      if (worker === undefined || known.get(id) === worker.status) continue;
      known.set(id, worker.status);
      const { host, processId, engine, status } = worker;
      const computes = `engine ${engine.target}, ${engine.threads} threads (${engine.reason})`;
      logger.info({ rejected: engine.rejected }, `Worker ${processId} on ${host} is ${status}: ${computes}`);
    } catch (error) {
      logger.warn({ err: error }, 'A change of a worker could not be read');
    }
  }
}
