import type pg from 'pg';
import { type Claim, claimJob } from '../../gpu-worker/queue/claim.js';
import { inTransaction, queryOf } from '../../gpu-worker/queue/connection.js';
import { writeGenerated } from '../../gpu-worker/queue/generation-row.js';
import { fail, stop, succeed } from '../../gpu-worker/queue/settle.js';
import { registerWorker } from '../../gpu-worker/queue/workers.js';
import type { GenerateJob, GenerationEvent, GenerationTimes } from '../../src/protocol/generation.js';
import type { Problem } from '../../src/protocol/run-event.js';
import { createDigestStore } from './memory-store.js';
import { openPool } from './open-pool.js';
import { engine } from './run-rows.js';

/** The database's side of a worker that generates; what it says is the test's. */
export interface GeneratingWorker extends AsyncDisposable {
  readonly id: string;
  /** Claims the next generation, as soon as there is one; throws when there is none for long. */
  claim(): Promise<ClaimedGeneration>;
}

interface ClaimedGeneration {
  readonly claim: Claim;
  readonly job: GenerateJob;
  say(...events: readonly GenerationEvent[]): Promise<void>;
  succeed(times?: GenerationTimes): Promise<void>;
  fail(problem: Problem): Promise<void>;
  stop(): Promise<void>;
}

const maxWaitMs = 10_000;

const { store } = createDigestStore([]);

export async function startGeneratingWorker(databaseUrl: string): Promise<GeneratingWorker> {
  const pool = openPool(databaseUrl, 4);
  const query = queryOf(pool);
  const id = crypto.randomUUID();
  await registerWorker(query, { id, host: 'test', processId: 1, engine, memoryBytes: 2 ** 33 });
  return {
    id,
    async claim() {
      for (const end = performance.now() + maxWaitMs; performance.now() < end; ) {
        const claim = await claimJob(pool, { workerId: id, lane: 'short', leaseSeconds: 30, engine });
        if (claim?.job.payload.kind === 'generate') return claimed(pool, claim, claim.job.payload);
      }
      throw new Error('There is no generation to claim.');
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

function claimed(pool: pg.Pool, claim: Claim, job: GenerateJob): ClaimedGeneration {
  const held = claim.job;
  let batch = 0;
  return {
    claim,
    job,
    say(...events) {
      batch += 1;
      const writer = { attempt: held.attempt, batch };
      return writeGenerated(queryOf(pool), held.id, job.generationId, events, writer);
    },
    succeed: (times = { firstTokenMs: 50, loadMs: 20, tokenCount: 5, generatingMs: 80 }) =>
      inTransaction(pool, (query) =>
        succeed(query, store, held, { kind: 'finished', result: { kind: 'generate', times }, model: null }),
      ),
    fail: (problem) => inTransaction(pool, (query) => fail(query, held, problem)),
    stop: () => inTransaction(pool, (query) => stop(query, held)),
  };
}
