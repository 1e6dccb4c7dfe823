import { AttemptOver } from '../queue/attempt-over.js';
import type { Desired } from '../queue/heartbeat.js';

/** After a failed heartbeat the next one follows soon: a lease is only a few intervals long. */
const retryIntervalMs = 1_000;

export interface Lease {
  /** A heartbeat out of turn, because the user's wish may have changed. */
  beatNow(): void;
  /** Ends the heartbeats; `onLost` is not called any more. */
  stop(): void;
}

/**
 * Keeps a job's lease by heartbeats and passes on what the user wants. The lease counts from when the last successful heartbeat was
 * sent, on this process's monotonic clock: by the database's clock it ends no earlier.
 *
 * beat: one heartbeat; rejects with AttemptOver when the job is not ours any more. onLost: called once, also when the database has
 * not been reached for as long as the lease.
 */
export function keepLease(options: {
  readonly beat: () => Promise<Desired>;
  readonly leaseMs: number;
  readonly intervalMs: number;
  /** When the claim, or the last heartbeat, was sent. */
  readonly grantedAt: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onDesired: (desired: Desired) => void;
  readonly onLost: (reason: string) => void;
  readonly onFailure: (error: Error) => void;
}): Lease {
  const { beat, leaseMs, intervalMs, now } = options;
  let ended = false;
  let beating = false;
  let again = false;
  let next: NodeJS.Timeout | null = null;
  let expiry: NodeJS.Timeout;

  const stop = (): void => {
    ended = true;
    if (next !== null) clearTimeout(next);
    clearTimeout(expiry);
  };
  const lose = (reason: string): void => {
    if (ended) return;
    stop();
    options.onLost(reason);
  };
  const expireAfter = (grantedAt: number): NodeJS.Timeout =>
    setTimeout(() => lose('the database was not reached within the lease'), Math.max(0, grantedAt + leaseMs - now()));
  const schedule = (delayMs: number): void => {
    if (ended) return;
    if (next !== null) clearTimeout(next);
    next = setTimeout(beatOnce, delayMs);
  };
  const beatOnce = (): void => {
    if (ended) return;
    if (beating) {
      again = true;
      return;
    }
    beating = true;
    const sentAt = now();
    beat()
      .then(
        (desired) => {
          if (ended) return;
          clearTimeout(expiry);
          expiry = expireAfter(sentAt);
          options.onDesired(desired);
          schedule(intervalMs);
        },
        (error: Error) => {
          if (error instanceof AttemptOver) {
            lose(error.message);
            return;
          }
          if (!ended) options.onFailure(error);
          schedule(Math.min(retryIntervalMs, intervalMs));
        },
      )
      .finally(() => {
        beating = false;
        if (again) {
          again = false;
          beatOnce();
        }
      });
  };

  expiry = expireAfter(options.grantedAt);
  // At once: the user may have asked for a pause while the job waited.
  beatOnce();
  return { beatNow: beatOnce, stop };
}
