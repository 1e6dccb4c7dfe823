import type { JobLane } from '../../src/protocol/job.js';
import type { Log } from '../log.js';
import type { Claim } from '../queue/claim.js';
import type { Doorbell } from './doorbell.js';
import type { HeldClaim } from './hold-claim.js';
import type { JobThread } from './job-thread.js';
import type { RunningJob } from './run-job.js';

/** Covers lost notifications, and is how a lane notices another worker's expired lease. */
const pollIntervalMs = 2_000;

export interface LaneOptions {
  readonly lane: JobLane;
  readonly doorbell: Doorbell;
  readonly claim: () => Promise<Claim | null>;
  /** Keeps a claimed job while its thread starts. */
  readonly hold: (claim: Claim, claimedAt: number) => HeldClaim;
  readonly run: (claim: Claim, claimedAt: number, thread: JobThread) => RunningJob;
  readonly startThread: () => Promise<JobThread>;
  /**
   * Whether the thread stays while there are no jobs; else a thread is started for a job, and ends when there was none
   * for `idleMs`.
   */
  readonly keepsThread: boolean;
  readonly idleMs: number;
  /** Called once, with a thread that stays, when there was no job for `afterMs`. Jobs wait for it. */
  readonly whenIdle?: { readonly afterMs: number; readonly act: (thread: JobThread) => Promise<void> };
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Aborted to end the lane after its current job. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface Lane {
  /** The running job, if any. */
  current(): RunningJob | null;
  /**
   * Resolves when the lane has ended and its thread is gone; rejects when a thread that should stay can't be replaced.
   */
  readonly ended: Promise<void>;
}

/**
 * Runs the lane's jobs one after another until the signal is aborted.
 * @param firstThread null when none has been started yet
 */
export function serveLane(firstThread: JobThread | null, options: LaneOptions): Lane {
  const { lane, doorbell, claim, hold, run, startThread, keepsThread, idleMs, whenIdle, now, signal, log } = options;
  let current: RunningJob | null = null;

  const tryClaim = async (): Promise<Claim | null> => {
    try {
      return await claim();
    } catch (error) {
      log.warn({ lane, reason: String(error) }, 'Claiming a job failed');
      return null;
    }
  };

  /** A thread for this claim; null when none can be started: this lane and the others go on. */
  const startFor = async ({ job }: Claim): Promise<JobThread | null> => {
    try {
      return await startThread();
    } catch (error) {
      if (keepsThread) throw error;
      log.error({ lane, jobId: job.id, attempt: job.attempt, reason: String(error) }, 'No thread could be started');
      return null;
    }
  };

  const serve = async (): Promise<void> => {
    let thread = firstThread;
    let idleSince = now();
    let waiting = whenIdle;
    while (!signal.aborted) {
      const sentAt = now();
      const claimed = await tryClaim();
      if (claimed === null) {
        if (!keepsThread && now() - idleSince >= idleMs) {
          await thread?.exit();
          thread = null;
        }
        if (waiting !== undefined && thread !== null && now() - idleSince >= waiting.afterMs) {
          const { act } = waiting;
          waiting = undefined;
          await act(thread);
          continue;
        }
        await doorbell.wait(pollIntervalMs, signal);
        continue;
      }
      let grantedAt: number | null = sentAt;
      if (thread === null) {
        const held = hold(claimed, sentAt);
        try {
          thread = await startFor(claimed);
        } finally {
          grantedAt = held.release();
        }
      }
      if (thread === null) {
        // The job's lease is left to expire, which delays the next attempt and limits the number of attempts (lost.ts).
        await doorbell.wait(pollIntervalMs, signal);
        continue;
      }
      if (grantedAt === null) continue;
      current = run(claimed, grantedAt, thread);
      // The end was requested while the claim was under way.
      if (signal.aborted) current.shutDown();
      await current.ended;
      current = null;
      idleSince = now();
      if (!thread.alive) {
        log.warn({ lane }, 'The thread of the lane is gone');
        thread = keepsThread && !signal.aborted ? await startThread() : null;
      }
    }
    await thread?.exit();
  };

  return { current: () => current, ended: serve() };
}
