import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** What somebody has left of a limit. */
export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until all of it is there again, at least 1. */
  readonly resetSeconds: number;
}

/** A number of points in a window of time, for each of any number of names. */
export interface RateLimit {
  readonly points: number;
  readonly windowSeconds: number;
  /** Takes points; what is left says whether there were enough. One statement, none for a name that is known to have nothing left. */
  spend(name: string, points: number): Promise<RateState>;
  /** The state of a name that is known to this process to have nothing left; null for all others. Asks nobody. */
  blocked(name: string): RateState | null;
}

/**
 * A limit that holds over all API processes, because its count is in the database. Where that can't be reached, each process counts for
 * itself: neither is everything refused nor is everything let in.
 *
 * @param name tells apart what this limit counts from what others do @param points in a window
 */
export function createRateLimit(options: {
  readonly dataSource: DataSource;
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}): RateLimit {
  const { dataSource, name: keyPrefix, points, windowSeconds } = options;
  const limiter = new RateLimiterPostgres({
    storeClient: dataSource,
    storeType: 'typeorm',
    tableName: 'rate_limits',
    // By a migration.
    tableCreated: true,
    keyPrefix,
    points,
    duration: windowSeconds,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration: windowSeconds }),
  });
  const empty = new EmptyUntil();

  function toState({ remainingPoints, msBeforeNext }: RateLimiterRes, allowed: boolean): RateState {
    const resetSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return { allowed, limit: points, remaining: allowed ? remainingPoints : 0, resetSeconds };
  }

  function blocked(name: string): RateState | null {
    const leftMs = empty.leftMs(name);
    return leftMs > 0 ? toState(new RateLimiterRes(0, leftMs), false) : null;
  }

  return {
    points,
    windowSeconds,
    blocked,
    async spend(name, spent) {
      const known = blocked(name);
      if (known !== null) return known;
      try {
        return toState(await limiter.consume(name, spent), true);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        empty.add(name, refusal.msBeforeNext);
        return toState(refusal, false);
      }
    },
  };
}

const maxNamesKept = 10_000;

/** Who has nothing left, and until when: they are refused without a statement, so that a flood of requests is none of statements. */
class EmptyUntil {
  private readonly ends = new Map<string, number>();

  add(name: string, forMs: number): void {
    const now = performance.now();
    if (this.ends.size >= maxNamesKept) {
      for (const [each, end] of this.ends) if (end <= now) this.ends.delete(each);
    }
    // Then others are asked for in the database again, which is slower, and not wrong.
    if (this.ends.size >= maxNamesKept) this.ends.clear();
    this.ends.set(name, now + forMs);
  }

  leftMs(name: string): number {
    const leftMs = (this.ends.get(name) ?? 0) - performance.now();
    if (leftMs <= 0) this.ends.delete(name);
    return Math.max(0, leftMs);
  }
}
