import { AttemptOver } from '../queue/attempt-over.js';
import type { Desired } from '../queue/heartbeat.js';

/** After a failed heartbeat the next follows soon, because a lease is only a few intervals long. */
const retryIntervalMs = 1_000;

/** The end of a lease that a process always has to itself, however late it comes to it: time for a heartbeat. */
const lastShare = 1 / 3;

export interface Lease {
  /** Sends a heartbeat at once, because the user's wish may have changed. */
  beatNow(): void;
  /** When the last successful heartbeat, or the claim, was sent. */
  grantedAt(): number;
  /** Ends the heartbeats; `onLost` is no longer called. */
  stop(): void;
}

/**
 * Keeps a job's lease by heartbeats, and passes on the user's wish. The lease is counted from the moment when the last
 * successful heartbeat was sent, on this process's monotonic clock; on the database's clock it ends no earlier.
 *
 * A process that stood still (its machine was paused, or had no processor for it) comes to itself when its lease is
 * over, and whether another worker has the job only the database knows: the last third of the lease begins when this
 * process sees it begin, so that its heartbeat is answered before it would give up what nobody took.
 *
 * `beat` sends one heartbeat, and rejects with AttemptOver when this worker no longer holds the job. `onLost` is called
 * once, also when the database was unreachable for the time of the lease.
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
  let { grantedAt } = options;
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
  const expireLater = (): NodeJS.Timeout => {
    const lastMs = leaseMs * lastShare;
    const beginLast = (): void => {
      expiry = setTimeout(() => lose('the database was not reached within the lease'), lastMs);
    };
    return setTimeout(beginLast, Math.max(0, grantedAt + leaseMs - lastMs - now()));
  };
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
          grantedAt = sentAt;
          expiry = expireLater();
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

  expiry = expireLater();
  // Sent at once, because the user may have requested a pause while the job was queued.
  beatOnce();
  return { beatNow: beatOnce, grantedAt: () => grantedAt, stop };
}
