import { setImmediate } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { ArtifactMissing } from '../../src/storage/keep-artifacts.js';
import type { Log } from '../log.js';
import { inTransaction, queryOf } from '../queue/connection.js';
import type { HeldJob } from '../queue/job-row.js';
import { pruneCheckpoints } from '../queue/prune-checkpoints.js';
import { retryTransient } from '../queue/retry.js';
import { saveCheckpoint } from '../queue/save-checkpoint.js';
import { type RunWrite, writeEvents, writeStatus } from '../queue/write-run.js';
import { createAnnouncer } from './announcer.js';
import { type Batch, isDue, nextBatch, pauseBetween, type Report } from './write-queue.js';

const maxBatchEvents = 1_000;

export interface RunWriter {
  /** Queues a report. Reports are written strictly in the order in which they are queued. */
  push(report: Report): void;
  /**
   * Resolves when all queued reports are committed; rejects with the error that stopped the writing (AttemptOver, a
   * refused write).
   */
  drain(): Promise<void>;
}

/**
 * Writes a thread's reports about a run: in batches, in order, each batch exactly once, whatever happens to the
 * connection.
 *
 * `onCommitted` gets the number of the thread's messages that are in the database so far. `onFailed` is called once,
 * and nothing more is written after it. `signal` is aborted when the lease is lost; until then the writer waits while
 * the database is unreachable.
 */
export function createRunWriter(options: {
  readonly pool: Pool;
  readonly store: ArtifactStore;
  readonly job: HeldJob;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onCommitted: (messages: number) => void;
  readonly onFailed: (error: Error) => void;
}): RunWriter {
  const { pool, store, job, runId, signal, log } = options;
  const queue: Report[] = [];
  let committedBatches = 0;
  let committedMessages = 0;
  let writing: Promise<void> | null = null;
  let draining = false;
  let failure: Error | null = null;
  let wakeEarly: (() => void) | null = null;
  let lastStartedAt = Number.NEGATIVE_INFINITY;
  let lastTookMs = 0;
  const announcer = createAnnouncer({ pool, runId, log });

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeEarly = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const write = async (batch: Batch): Promise<void> => {
    const target: RunWrite = {
      jobId: job.id,
      runId,
      writer: { attempt: job.attempt, batch: committedBatches + 1 },
    };
    lastStartedAt = performance.now();
    const written = await retryTransient(() => writeBatch(pool, store, target, batch, log, announcer.announce), {
      signal,
      onRetry: (error, delayMs) => log.warn({ runId, delayMs, reason: error.message }, 'Writing telemetry failed'),
    });
    lastTookMs = performance.now() - lastStartedAt;
    if (written) committedBatches += 1;
  };

  /** Lets more reports come: those that the thread has sent already, and those of the time until the next write. */
  const gather = async (): Promise<void> => {
    await setImmediate();
    const waitMs = lastStartedAt + pauseBetween(lastTookMs) - performance.now();
    if (waitMs > 0 && !draining && !isDue(queue, maxBatchEvents)) await pause(waitMs);
  };

  const writeAll = async (): Promise<void> => {
    while (queue.length > 0) {
      await gather();
      const batch = nextBatch(queue, maxBatchEvents);
      if (batch === null) return;
      await write(batch);
      queue.splice(0, batch.reports);
      committedMessages += batch.reports;
      options.onCommitted(committedMessages);
    }
  };

  const fail = (error: unknown): void => {
    failure = error instanceof Error ? error : new Error(String(error));
    queue.length = 0;
    options.onFailed(failure);
  };

  const start = (): void => {
    writing ??= writeAll()
      .catch(fail)
      .finally(() => {
        writing = null;
        if (queue.length > 0) start();
      });
  };

  return {
    push(report) {
      if (failure !== null) return;
      queue.push(report);
      if (isDue(queue, maxBatchEvents)) wakeEarly?.();
      start();
    },
    async drain() {
      draining = true;
      wakeEarly?.();
      while (writing !== null) await writing;
      await announcer.drain();
      if (failure !== null) throw failure;
    },
  };
}

/** Writes one transaction. False when it took no batch number. */
async function writeBatch(
  pool: Pool,
  store: ArtifactStore,
  target: RunWrite,
  batch: Batch,
  log: Log,
  announce: (lastSeq: number) => void,
): Promise<boolean> {
  switch (batch.kind) {
    case 'events':
      announce(await writeEvents(queryOf(pool), target, batch.events, false));
      return true;
    case 'status':
      return (await inTransaction(pool, (query) => writeStatus(query, target, batch.to, batch.reason))) === 'written';
    case 'checkpoint':
      return writeCheckpoint(pool, store, target, batch, log);
    case 'wentBack':
      await queryOf(pool)('UPDATE run_attempts SET resumed_from_step = $3 WHERE run_id = $1 AND attempt = $2', [
        target.runId,
        target.writer.attempt,
        batch.step,
      ]);
      return false;
    default:
      return batch satisfies never;
  }
}

async function writeCheckpoint(
  pool: Pool,
  store: ArtifactStore,
  target: RunWrite,
  { checkpoint }: Batch & { readonly kind: 'checkpoint' },
  log: Log,
): Promise<boolean> {
  const { runId } = target;
  try {
    await inTransaction(pool, (query) => saveCheckpoint(query, store, target, checkpoint));
  } catch (error) {
    if (!(error instanceof ArtifactMissing)) throw error;
    // The next checkpoint suffices; the loss of this one costs steps only if the worker is lost before then.
    log.warn({ runId, step: checkpoint.step, reason: error.message }, 'A checkpoint was not recorded');
    return false;
  }
  // A failure to prune only costs disk space, and the next checkpoint tries again.
  await inTransaction(pool, (query) => pruneCheckpoints(query, store, runId)).then(
    (files) => log.debug({ runId, step: checkpoint.step, files }, 'Checkpoint recorded, older files removed'),
    (error: unknown) => log.warn({ runId, reason: String(error) }, 'Pruning checkpoints failed'),
  );
  return true;
}
