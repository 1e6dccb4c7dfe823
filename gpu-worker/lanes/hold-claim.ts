import type { Claim } from '../queue/claim.js';
import { queryOf } from '../queue/connection.js';
import { heartbeat } from '../queue/heartbeat.js';
import { keepLease } from './lease.js';
import type { JobSettings } from './run-job.js';

/** A claimed job that waits for its thread. */
export interface HeldClaim {
  /**
   * Ends the heartbeats. Returns when the lease was last granted, on the worker's clock; null when the job is another
   * worker's.
   */
  release(): number | null;
}

/** Keeps the lease of a claimed job until it runs: to start a thread may take longer than a lease on a busy machine. */
export function holdClaim(
  { job }: Claim,
  claimedAt: number,
  settings: Pick<JobSettings, 'pool' | 'log' | 'leaseMs' | 'heartbeatIntervalMs' | 'now' | 'metrics'>,
): HeldClaim {
  const { pool, log, leaseMs, now, metrics = null } = settings;
  const fields = { jobId: job.id, kind: job.payload.kind, attempt: job.attempt };
  let isLost = false;
  const lease = keepLease({
    beat: () => heartbeat(queryOf(pool), job, leaseMs / 1000),
    leaseMs,
    intervalMs: settings.heartbeatIntervalMs,
    grantedAt: claimedAt,
    now,
    // Whoever runs the job asks for the user's wish at once.
    onDesired: () => undefined,
    onLost: (reason) => {
      isLost = true;
      log.warn({ ...fields, reason }, 'Giving up this attempt before it began');
    },
    onFailure: (error) => {
      metrics?.heartbeatFailed();
      log.warn({ ...fields, reason: error.message }, 'A heartbeat failed');
    },
  });
  return {
    release() {
      lease.stop();
      return isLost ? null : lease.grantedAt();
    },
  };
}
