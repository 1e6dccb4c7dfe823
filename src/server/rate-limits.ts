import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';

/** The state of one name's limit. */
export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until all points are available again, at least 1. */
  readonly resetSeconds: number;
}

/** A number of points in a window of time, for each of any number of names. */
export interface RateLimit {
  readonly points: number;
  readonly windowSeconds: number;
  /**
   * Takes points from a name; the state says whether there were enough. Costs one statement, or none for a name that
   * this process knows to be empty.
   */
  spend(name: string, points: number): Promise<RateState>;
  /** The state of a name that this process knows to be empty; null for all others. Runs no statement. */
  blocked(name: string): RateState | null;
}

/**
 * A limit that holds across all API processes, because its count is in the database. While the database can't be
 * reached, each process counts for itself, so that neither all requests are refused nor all admitted.
 *
 * @param name tells the counts of this limit from those of other limits
 * @param points that each name has in a window
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
    // A migration creates the table.
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

/**
 * The names without points, and until when. They are refused without a statement, so that a flood of requests does not
 * become a flood of statements.
 */
class EmptyUntil {
  private readonly ends = new Map<string, number>();

  add(name: string, forMs: number): void {
    const now = performance.now();
    if (this.ends.size >= maxNamesKept) {
      for (const [each, end] of this.ends) if (end <= now) this.ends.delete(each);
    }
    // Names that are forgotten are looked up in the database again: slower, but not wrong.
    if (this.ends.size >= maxNamesKept) this.ends.clear();
    this.ends.set(name, now + forMs);
  }

  leftMs(name: string): number {
    const leftMs = (this.ends.get(name) ?? 0) - performance.now();
    if (leftMs <= 0) this.ends.delete(name);
    return Math.max(0, leftMs);
  }
}
