import type { Query } from '../../src/protocol/sql/query.js';
import { WorkerEnding } from '../../src/protocol/worker-ending.js';

/** What is known of a worker that was lost, and what to look at. */
export interface LossExplained {
  /** Without subject: “was killed by SIGKILL”. */
  readonly how: string;
  readonly hint: string;
}

interface LostWorker {
  readonly host: string;
  readonly processId: number;
  readonly ending: unknown;
  readonly lastSeenAt: Date;
  /** Whether the process gave a sign of life after the job's lease had run out. */
  readonly isAlive: boolean;
}

/**
 * Says how the last worker of a job was lost.
 * @param lessMemory what helps the job where memory ran out
 */
export async function explainLoss(query: Query, jobId: string, lessMemory: string): Promise<LossExplained | null> {
  const [worker] = await query<LostWorker>(
    `SELECT w.host, w.process_id AS "processId", w.ending, w.last_seen_at AS "lastSeenAt",
            w.last_seen_at > j.lease_until AS "isAlive"
       FROM jobs j JOIN workers w ON w.id = j.worker_id WHERE j.id = $1`,
    [jobId],
  );
  if (worker === undefined) return null;
  const { how, hint } = describe(worker, lessMemory);
  return { how: `The last one, process ${worker.processId} on ${worker.host}, ${how}.`, hint };
}

function describe({ ending, lastSeenAt, isAlive }: LostWorker, lessMemory: string): LossExplained {
  const seen = WorkerEnding.safeParse(ending);
  if (seen.success) return describeEnding(seen.data, lessMemory);
  if (isAlive) {
    return {
      how: 'still runs, and did not extend its lease on this job in time',
      hint: 'The machine, or its connection to the database, was too slow: look at its load and swapping, and in the worker’s log for “A heartbeat failed”. ATTUNE_LEASE_SECONDS gives more time.',
    };
  }
  return {
    how: `gave its last sign of life at ${lastSeenAt.toISOString()}; nobody saw how it ended`,
    hint: `Look at the end of the worker’s log, and at the machine at that time: whether it was restarted or lost its network, or whether memory ran out (“oom-kill” in \`journalctl -k\`; ${lessMemory}).`,
  };
}

function describeEnding(ending: WorkerEnding, lessMemory: string): LossExplained {
  switch (ending.kind) {
    case 'stalled':
      return {
        how: `ended itself: its thread had given no sign of life for ${Math.round(ending.silenceMs / 1000)} s`,
        hint: 'The thread was stuck in a computation or waited for the disk: the worker’s log says what it did last. A machine that swaps, or a disk that hangs, does that too.',
      };
    case 'exit':
      return {
        how: `ended with exit code ${ending.code}`,
        hint: 'The last lines of the worker’s log say why.',
      };
    case 'signal':
      return { how: `was ended by ${ending.signal}`, hint: hintOf(ending.signal, lessMemory) };
    default:
      return ending satisfies never;
  }
}

function hintOf(signal: string, lessMemory: string): string {
  switch (signal) {
    case 'SIGKILL':
      return `Linux kills so where memory runs out: \`journalctl -k\` says “oom-kill” then, or the container has met its limit, and ${lessMemory}. Otherwise somebody killed the process.`;
    case 'SIGTERM':
    case 'SIGINT':
    case 'SIGHUP':
    case 'SIGQUIT':
      return 'Somebody, or what runs the machine or the container, ended it before it could return the job: look at what restarts it.';
    case 'SIGABRT':
      return `Node aborts so where its heap is full: the worker’s log says “heap out of memory” then, and ${lessMemory}. Otherwise native code gave up; its message is in that log.`;
    default:
      return 'That is a crash in native code: the last lines of the worker’s log say what it did. It deserves a report.';
  }
}
