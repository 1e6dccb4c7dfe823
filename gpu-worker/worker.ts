import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Tracing } from '../src/observability/tracing.js';
import { rewardKeyOf } from '../src/outbound/reward-secret.js';
import { readServerSecret } from '../src/outbound/server-secret.js';
import { channels } from '../src/protocol/channels.js';
import { artifactFolder } from '../src/protocol/home.js';
import type { JobLane } from '../src/protocol/job.js';
import { openListener } from '../src/protocol/sql/listener.js';
import { noteWorkerEnding } from '../src/protocol/sql/note-worker-ending.js';
import { openFileSystemStore } from '../src/storage/file-system-store.js';
import { dataMemoryMb } from './data-jobs/memory.js';
import type { WorkerEnv } from './env.js';
import { Doorbell } from './lanes/doorbell.js';
import { holdClaim } from './lanes/hold-claim.js';
import { type JobThread, startJobThread } from './lanes/job-thread.js';
import { type Lane, serveLane } from './lanes/lane.js';
import { runJob } from './lanes/run-job.js';
import type { Log } from './log.js';
import type { WorkerMetrics } from './observability/worker-metrics.js';
import { claimJob } from './queue/claim.js';
import { createPool, queryOf } from './queue/connection.js';
import { retryTransient } from './queue/retry.js';
import {
  noteSpeed,
  registerWorker,
  removeOldPredictions,
  removeOldWorkers,
  touchWorker,
  unregisterWorker,
} from './queue/workers.js';
import type { BatchSettings, DataSettings, ThreadSettings, TransferSettings } from './thread-protocol.js';
import { memoryLimit } from './training/available-memory.js';

/** How long a worker that has to end waits for the database to note why. */
const noteTimeoutMs = 2_000;

/** How many transfers run at a time: more than one, so that a small export need not wait for a long download. */
const transfersAtATime = 2;
/** The folder in ATTUNE_HOME for downloads from a hub. */
const downloads = 'downloads';

/** The folder in ATTUNE_HOME for batch predictions under way. */
const batches = 'batches';

/** The folder in ATTUNE_HOME for rows on their way into a version of a dataset. */
const rowsUnderWay = 'ingestion';
/** How many dataset versions are made at a time: a small file need not wait for a large one. */
const preparationsAtATime = 2;
/** A person waits: a slow hub, of whose models one is looked into, keeps no preview waiting. */
const previewsAtATime = 2;
/** A thread that makes versions is not needed all day, but by those who prepare data every few seconds. */
const dataThreadIdleMs = 300_000;

/** A worker measures its speed when nobody has wanted a training of it for this long. */
const idleBeforeMeasuringMs = 10_000;

/** A prediction is small: more threads would only take processors from the training beside it. */
const shortLaneThreads = 2;

export interface RunningWorker {
  readonly id: string;
  /**
   * Stops all lanes: a training writes a checkpoint and its run is queued again. Resolves when everything is released.
   */
  stop(): Promise<void>;
  /** Rejects when the worker can't continue. */
  readonly failed: Promise<never>;
}

/** A job whose thread gives no sign of life. */
export interface Stall {
  readonly lane: JobLane;
  readonly jobId: string;
  readonly silenceMs: number;
}

/**
 * One worker: a thread each for training and for short jobs, further threads while there are imports, exports and batch
 * predictions, and a main thread that does queue, heartbeats, cancellation and telemetry, and nothing that takes longer
 * than a few milliseconds.
 *
 * `threads` are the lanes’ scripts. `onStalled` is called when a thread is stuck, which only the end of this process
 * can stop.
 */
export async function startWorker(options: {
  readonly env: WorkerEnv;
  readonly threads: Readonly<Record<JobLane, URL>>;
  readonly log: Log;
  readonly onStalled: (stall: Stall) => void;
  /** Null: nobody is told what the worker does. */
  readonly metrics?: WorkerMetrics | null;
  /** Null: there are no traces. */
  readonly tracing?: Tracing | null;
}): Promise<RunningWorker> {
  const { env, threads, log, metrics = null, tracing = null } = options;
  const id = randomUUID();
  const now = (): number => performance.now();
  const stopping = new AbortController();

  const artifacts = artifactFolder(env.home);
  const store = await openFileSystemStore({ root: artifacts });
  const rewardKey = env.rewardKey ?? rewardKeyOf(await readServerSecret(env.home, env.secret)).toString('base64');
  const services = { rewardKey, allowPrivate: env.allowPrivate };
  const startThread = (lane: 'training' | 'short'): Promise<JobThread> => {
    const count = lane === 'training' ? env.threads : Math.min(shortLaneThreads, env.threads);
    const settings: ThreadSettings = {
      lane,
      artifactFolder: artifacts,
      engine: { target: env.engine, threads: count },
      services,
    };
    return startJobThread(threads[lane], settings, log);
  };
  const startTransferThread = (): Promise<JobThread> => {
    const settings: TransferSettings = {
      lane: 'transfer',
      artifactFolder: artifacts,
      downloadFolder: join(env.home, downloads),
      hub: env.hub,
      importFolders: env.importFolders,
      threads: Math.min(shortLaneThreads, env.threads),
    };
    return startJobThread(threads.transfer, settings, log);
  };
  const startBatchThread = (): Promise<JobThread> => {
    const settings: BatchSettings = {
      lane: 'batch',
      artifactFolder: artifacts,
      batchFolder: join(env.home, batches),
      services,
      engine: { target: env.engine, threads: Math.min(shortLaneThreads, env.threads) },
    };
    return startJobThread(threads.batch, settings, log);
  };
  const startDataThread = (lane: 'data' | 'preview') => (): Promise<JobThread> => {
    const settings: DataSettings = {
      lane,
      artifactFolder: artifacts,
      dataFolder: join(env.home, rowsUnderWay),
      ingestion: { threads: env.threads, memoryLimitMb: dataMemoryMb },
      keepStepsMs: env.keepStepsSeconds * 1000,
      importing: { hub: env.hub, importFolders: env.importFolders },
      engine: { target: env.engine, threads: Math.min(shortLaneThreads, env.threads) },
    };
    return startJobThread(threads[lane], settings, log);
  };
  const [trainingThread, shortThread] = await Promise.all([startThread('training'), startThread('short')]);

  const pool = createPool(
    env.databaseUrl,
    (error) => log.warn({ reason: error.message }, 'Database connection lost'),
    metrics?.Client,
  );
  metrics?.watchPool(pool);
  const query = queryOf(pool);
  const { engine } = trainingThread;
  if (engine === null) throw new Error('The training thread has no engine.');
  const registered = { id, host: hostname(), processId: process.pid, engine, memoryBytes: memoryLimit() };
  await retryTransient(() => registerWorker(query, registered), {
    signal: stopping.signal,
    onRetry: (error, delayMs) => log.warn({ delayMs, reason: error.message }, 'Waiting for the database'),
  });
  removeOldWorkers(query).catch((error: unknown) => log.warn({ reason: String(error) }, 'Removing old workers failed'));
  log.info({ workerId: id, engine }, 'Worker ready');

  /** Ids of the jobs of all lanes. */
  const running = new Set<string>();
  const settings = {
    pool,
    store,
    log,
    leaseMs: env.leaseSeconds * 1000,
    heartbeatIntervalMs: env.heartbeatIntervalMs,
    now,
    metrics,
    tracing,
  };
  const doorbells: { readonly lane: JobLane; readonly doorbell: Doorbell }[] = [];
  const serve = (lane: JobLane, thread: JobThread | null, start: () => Promise<JobThread>, idleMs = 0): Lane => {
    const doorbell = new Doorbell();
    doorbells.push({ lane, doorbell });
    return serveLane(thread, {
      lane,
      doorbell,
      claim: () =>
        claimJob(pool, { workerId: id, lane, leaseSeconds: env.leaseSeconds, engine, running: [...running] }),
      hold: (claim, claimedAt) => {
        running.add(claim.job.id);
        const held = holdClaim(claim, claimedAt, settings);
        return {
          release() {
            running.delete(claim.job.id);
            return held.release();
          },
        };
      },
      run: (claim, grantedAt, onThread) => {
        const job = runJob(claim, grantedAt, onThread, {
          ...settings,
          onStalled: (silenceMs) => onStalled({ lane, jobId: claim.job.id, silenceMs }),
        });
        running.add(claim.job.id);
        const forget = (): boolean => running.delete(claim.job.id);
        job.ended.then(forget, forget);
        return job;
      },
      startThread: start,
      keepsThread: thread !== null,
      idleMs,
      ...(lane === 'training' ? { whenIdle: { afterMs: idleBeforeMeasuringMs, act: measure } } : {}),
      now,
      signal: stopping.signal,
      log,
    });
  };
  let isMeasured = false;
  /** Measures once how fast this worker trains, for estimates of plans. */
  async function measure(thread: JobThread): Promise<void> {
    if (isMeasured) return;
    isMeasured = true;
    try {
      const speed = await thread.measure();
      if (speed !== null) await noteSpeed(query, id, speed);
    } catch (error) {
      log.warn({ reason: String(error) }, 'Noting how fast the worker trains failed');
    }
  }
  const onStalled = (stall: Stall): void => {
    // The main thread still works, and can say why the process ends; it does not wait long for that.
    const noted = noteWorkerEnding(query, registered, { kind: 'stalled', silenceMs: stall.silenceMs }).catch(
      (error: unknown) => log.warn({ reason: String(error) }, 'Noting why the worker ends failed'),
    );
    void Promise.race([noted, delay(noteTimeoutMs)]).then(() => options.onStalled(stall));
  };
  const lanes = [
    serve('training', trainingThread, () => startThread('training')),
    serve('short', shortThread, () => startThread('short')),
    ...Array.from({ length: transfersAtATime }, () => serve('transfer', null, startTransferThread)),
    serve('batch', null, startBatchThread),
    ...Array.from({ length: preparationsAtATime }, () =>
      serve('data', null, startDataThread('data'), dataThreadIdleMs),
    ),
    ...Array.from({ length: previewsAtATime }, () =>
      serve('preview', null, startDataThread('preview'), dataThreadIdleMs),
    ),
  ];

  const listener = openListener({
    connect: async () => {
      const client = new pg.Client({
        connectionString: env.databaseUrl,
        application_name: 'attune worker events',
        keepAlive: true,
      });
      await client.connect();
      return client;
    },
    handlers: {
      [channels.jobQueued]: (queued) => {
        for (const { lane, doorbell } of doorbells) if (queued === null || queued === lane) doorbell.ring();
      },
      [channels.runControl]: (subjectId) => {
        for (const lane of lanes) {
          const job = lane.current();
          if (job !== null && (subjectId === null || job.subjectId === subjectId)) job.lookAgain();
        }
      },
    },
    log: (message) => log.warn({}, message),
  });

  const upkeep = setInterval(() => {
    Promise.all([touchWorker(query, id), removeOldPredictions(query)]).catch((error: unknown) =>
      log.warn({ reason: String(error) }, "Updating the worker's row failed"),
    );
  }, env.heartbeatIntervalMs);

  const lanesEnded = Promise.all(lanes.map(({ ended }) => ended));
  return {
    id,
    failed: lanesEnded.then(() => new Promise<never>(() => undefined)),
    async stop() {
      stopping.abort();
      for (const lane of lanes) lane.current()?.shutDown();
      await lanesEnded;
      clearInterval(upkeep);
      await listener.close();
      await unregisterWorker(query, id).catch((error: unknown) =>
        log.warn({ reason: String(error) }, 'The worker could not sign off'),
      );
      await pool.end();
    },
  };
}
