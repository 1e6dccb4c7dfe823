import { dataService } from '../../gpu-worker/data-jobs/data-service.js';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { Doorbell } from '../../gpu-worker/lanes/doorbell.js';
import { holdClaim } from '../../gpu-worker/lanes/hold-claim.js';
import type { JobThread } from '../../gpu-worker/lanes/job-thread.js';
import { serveLane } from '../../gpu-worker/lanes/lane.js';
import { runJob } from '../../gpu-worker/lanes/run-job.js';
import { claimJob } from '../../gpu-worker/queue/claim.js';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { registerWorker, touchWorker } from '../../gpu-worker/queue/workers.js';
import { createShortJobs } from '../../gpu-worker/short-jobs/short-jobs.js';
import { stopFlag } from '../../gpu-worker/stop-flag.js';
import type { JobContext, JobService } from '../../gpu-worker/thread-port.js';
import type { JobLane } from '../../src/protocol/job.js';
import { messageOf } from '../../src/protocol/message-of.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openPool } from './open-pool.js';
import { engine } from './run-rows.js';

const openEngine = () => createEngine({ target: 'cpu', threads: 1 });
const leaseMs = 30_000;
const lookIntervalMs = 15;
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined } as never;

/**
 * The lanes of a worker that make dataset versions, and if wanted the one that predicts, in this process: real queue,
 * real jobs, no threads.
 * @param storeOf the store that the next job uses
 */
export async function startDataWorker(options: {
  readonly databaseUrl: string;
  readonly storeOf: () => ArtifactStore;
  readonly folder: string;
  /** Default: any folder, and no hub. */
  readonly importing?: Parameters<typeof dataService>[1]['importing'];
  /** Whether it also serves the lane `short`. Default: it does not. */
  readonly predicts?: boolean;
  /** Bytes of memory that models may take. Default: any. */
  readonly availableBytes?: () => number;
}): Promise<AsyncDisposable> {
  const { storeOf, folder } = options;
  const importing = options.importing ?? { hub: { endpoint: 'http://127.0.0.1:1', token: null }, importFolders: null };
  const availableBytes = options.availableBytes ?? (() => Number.POSITIVE_INFINITY);
  const pool = openPool(options.databaseUrl, 6);
  const id = crypto.randomUUID();
  await registerWorker(queryOf(pool), { id, host: 'test', processId: process.pid, engine, memoryBytes: 2 ** 33 });
  const stopping = new AbortController();
  const now = (): number => performance.now();
  const settings = { pool, log, leaseMs, heartbeatIntervalMs: 1_000, now };
  const dataThread = inProcess(() => {
    const ingestion = { threads: 2, memoryLimitMb: 256 };
    return dataService(undefined as never, {
      store: storeOf(),
      folder,
      ingestion,
      openEngine,
      availableBytes,
      importing,
    });
  });
  const serve = (lane: JobLane, thread = dataThread) => {
    const doorbell = new Doorbell();
    const timer = setInterval(() => doorbell.ring(), lookIntervalMs);
    const { ended } = serveLane(thread, {
      lane,
      doorbell,
      claim: () => claimJob(pool, { workerId: id, lane, leaseSeconds: leaseMs / 1000, engine }),
      hold: (claim, claimedAt) => holdClaim(claim, claimedAt, settings),
      run: (claim, grantedAt, on) =>
        runJob(claim, grantedAt, on, { ...settings, store: storeOf(), onStalled: () => undefined }),
      startThread: async () => thread,
      keepsThread: true,
      idleMs: 0,
      now,
      signal: stopping.signal,
      log,
    });
    return ended.finally(() => clearInterval(timer));
  };
  const lanes = [serve('data'), serve('preview')];
  const shortJobs = options.predicts ? createShortJobs(await openEngine(), storeOf(), 2 ** 28) : null;
  const shortThread =
    shortJobs && inProcess(() => ({ run: ({ payload }, context) => shortJobs.run(payload, context) }));
  if (shortThread !== null) lanes.push(serve('short', shortThread));
  // Without a sign of life, previews would take it for lost after a while.
  const heartbeat = setInterval(() => touchWorker(queryOf(pool), id).catch(() => undefined), leaseMs / 6);
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      clearInterval(heartbeat);
      await Promise.all(lanes);
      await shortJobs?.release();
      await pool.end();
    },
  };
}

function inProcess(service: () => Pick<JobService, 'run'>): JobThread {
  return {
    engine: null,
    alive: true,
    async run({ job, storageLeftBytes, keptLogProbabilities }, control, listener) {
      const context: JobContext = {
        ...stopFlag(control),
        resume: null,
        olderCheckpoints: [],
        storageLeftBytes,
        keptLogProbabilities,
        events: async () => undefined,
        generated: () => undefined,
        status: () => undefined,
        checkpoint: () => undefined,
        wentBack: () => undefined,
        progressed: (progress) => listener.onProgressed(progress),
        discard: (digests) => listener.onDiscard(digests),
        keep: (kept) => listener.onKeep(kept),
        timed: (_part, work) => work(),
        log: () => undefined,
      };
      return service()
        .run(job, context)
        .catch((error: unknown) => ({
          kind: 'failed' as const,
          problem: { path: [], code: 'INTERNAL', message: messageOf(error), hint: null },
        }));
    },
    measure: async () => null,
    acknowledge: () => undefined,
    exit: async () => undefined,
  };
}
