import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import pg from 'pg';
import { channels } from '../src/protocol/channels.js';
import { artifactFolder } from '../src/protocol/home.js';
import type { JobLane } from '../src/protocol/job.js';
import { openListener } from '../src/protocol/sql/listener.js';
import { openFileSystemStore } from '../src/storage/file-system-store.js';
import type { WorkerEnv } from './env.js';
import { Doorbell } from './lanes/doorbell.js';
import { type JobThread, startJobThread } from './lanes/job-thread.js';
import { type Lane, serveLane } from './lanes/lane.js';
import { runJob } from './lanes/run-job.js';
import type { Log } from './log.js';
import { claimJob } from './queue/claim.js';
import { createPool, queryOf } from './queue/connection.js';
import { retryTransient } from './queue/retry.js';
import { registerWorker, removeOldPredictions, touchWorker, unregisterWorker } from './queue/workers.js';
import type { ThreadSettings } from './thread-protocol.js';

/** A prediction is small: more threads would only take from the training beside it. */
const shortLaneThreads = 2;

export interface RunningWorker {
  readonly id: string;
  /** Stops both lanes: a training writes a checkpoint and goes back into the queue. Resolves when all is released. */
  stop(): Promise<void>;
  /** Rejects when the worker can't go on. */
  readonly failed: Promise<never>;
}

/**
 * One worker: two threads, one for each lane, and a main thread that does queue, heartbeats, cancellation and telemetry, and
 * nothing that takes longer than a few milliseconds.
 *
 * threads: the lanes' scripts. onStalled: a thread is stuck in native code, which only the end of this process can stop.
 */
export async function startWorker(options: {
  readonly env: WorkerEnv;
  readonly threads: Readonly<Record<JobLane, URL>>;
  readonly log: Log;
  readonly onStalled: (silenceMs: number) => void;
}): Promise<RunningWorker> {
  const { env, threads, log } = options;
  const id = randomUUID();
  const now = (): number => performance.now();
  const stopping = new AbortController();
  const doorbells: Readonly<Record<JobLane, Doorbell>> = { training: new Doorbell(), short: new Doorbell() };

  const artifacts = artifactFolder(env.home);
  const store = await openFileSystemStore({ root: artifacts });
  const startThread = (lane: JobLane): Promise<JobThread> => {
    const count = lane === 'training' ? env.threads : Math.min(shortLaneThreads, env.threads);
    const settings: ThreadSettings = {
      lane,
      artifactFolder: artifacts,
      engine: { target: env.engine, threads: count },
    };
    return startJobThread(threads[lane], settings, log);
  };
  const [trainingThread, shortThread] = await Promise.all([startThread('training'), startThread('short')]);

  const pool = createPool(env.databaseUrl, (error) => log.warn({ reason: error.message }, 'Database connection lost'));
  const query = queryOf(pool);
  const registered = { id, host: hostname(), processId: process.pid, engine: trainingThread.engine };
  await retryTransient(() => registerWorker(query, registered), {
    signal: stopping.signal,
    onRetry: (error, delayMs) => log.warn({ delayMs, reason: error.message }, 'Waiting for the database'),
  });
  log.info({ workerId: id, engine: trainingThread.engine }, 'Worker ready');

  const serve = (lane: JobLane, thread: JobThread): Lane =>
    serveLane(thread, {
      lane,
      doorbell: doorbells[lane],
      claim: () => claimJob(pool, { workerId: id, lane, leaseSeconds: env.leaseSeconds, engine: thread.engine }),
      run: (claim, claimedAt, onThread) =>
        runJob(claim, claimedAt, onThread, {
          pool,
          store,
          log,
          leaseMs: env.leaseSeconds * 1000,
          heartbeatIntervalMs: env.heartbeatIntervalMs,
          now,
          onStalled: options.onStalled,
        }),
      startThread: () => startThread(lane),
      now,
      signal: stopping.signal,
      log,
    });
  const lanes = [serve('training', trainingThread), serve('short', shortThread)];

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
      [channels.jobQueued]: (lane) => {
        if (lane !== 'short') doorbells.training.ring();
        if (lane !== 'training') doorbells.short.ring();
      },
      [channels.runControl]: (runId) => {
        for (const lane of lanes) {
          const job = lane.current();
          if (job !== null && (runId === null || job.runId === runId)) job.lookAgain();
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
