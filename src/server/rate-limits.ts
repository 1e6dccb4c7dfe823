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
   * Takes points from a name; the state says whether there were enough. Costs a statement where the count in the
   * database must be asked (UnsettledPoints), and none for a name that this process knows to be empty.
   */
  spend(name: string, points: number): Promise<RateState>;
  /** The state of a name that this process knows to be empty; null for all others. Runs no statement. */
  blocked(name: string): RateState | null;
}

/**
 * A limit that holds across all API processes, because its count is in the database. A process takes small amounts from
 * what it last read there, and writes them down together: so a name may get, beyond its points, what the other
 * processes have taken and not yet written, about a hundredth of its points each. While the database can't be reached,
 * each process counts for itself, so that neither all requests are refused nor all admitted.
 *
 * @param name tells the counts of this limit from those of other limits
 * @param points that each name has in a window
 */
export function createRateLimit(options: {
  readonly dataSource: DataSource;
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
  /** How many names this process knows the counts of; default: 10,000. */
  readonly maxNames?: number;
}): RateLimit {
  const { dataSource, name: keyPrefix, points, windowSeconds, maxNames = maxNamesKept } = options;
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
  const empty = new EmptyUntil(maxNames);
  const unsettled = new UnsettledPoints(points, maxNames);

  /** Writes points into the count that all processes share. Throws nothing but what is unexpected. */
  async function settle(name: string, spent: number): Promise<RateState> {
    try {
      const counted = await limiter.consume(name, spent);
      const dropped = unsettled.settled(name, counted);
      if (dropped !== null) writeDown(dropped.name, dropped.pending);
      return toState(counted, true);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      unsettled.forget(name);
      empty.add(name, refusal.msBeforeNext);
      return toState(refusal, false);
    }
  }

  /** Writes points of a name whose count is known no more. What fails is lost: nobody waits for it. */
  function writeDown(name: string, pending: number): void {
    limiter.consume(name, pending).catch(() => undefined);
  }

  function settleLater(name: string): void {
    const timer = setTimeout(() => {
      const pending = unsettled.take(name, 0);
      // A failure is that of the next spending too, which tells it to whoever spends.
      if (pending > 0) settle(name, pending).catch(() => unsettled.forget(name));
    }, settleMs);
    timer.unref();
  }

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
      const here = unsettled.spend(name, spent);
      if (here === null) return settle(name, unsettled.take(name, spent));
      if (here.isFirst) settleLater(name);
      return toState(new RateLimiterRes(here.remaining, here.leftMs), true);
    },
  };
}

const maxNamesKept = 10_000;
/** How long points may be spent and not yet be in the database. */
const settleMs = 250;

interface Count {
  /** What was left when the database was last asked. */
  remaining: number;
  /** What this process took since then. */
  pending: number;
  readonly endsAt: number;
}

/**
 * Points that this process has taken and not yet written into the database. It takes from what it last read there, as
 * long as that is much: where little is left, every spending asks the database, so that a limit is exact for a single
 * process, and nearly so for many.
 */
class UnsettledPoints {
  private readonly counts = new Map<string, Count>();
  private readonly mostPending: number;
  private readonly least: number;

  /** @param points of a window */
  constructor(
    points: number,
    private readonly maxNames: number,
  ) {
    this.mostPending = points / 100;
    this.least = points / 10;
  }

  /**
   * What is left after a spending, and whether it is the first one that waits to be written. Null: the database must be
   * asked, since the count is unknown, too much waits, or too little is left.
   */
  spend(name: string, spent: number): { remaining: number; leftMs: number; isFirst: boolean } | null {
    const count = this.counts.get(name);
    if (count === undefined) return null;
    const leftMs = count.endsAt - performance.now();
    const remaining = count.remaining - count.pending - spent;
    if (leftMs <= 0 || count.pending + spent > this.mostPending || remaining < this.least) return null;
    const isFirst = count.pending === 0;
    count.pending += spent;
    return { remaining, leftMs, isFirst };
  }

  /**
   * The points to write: those that wait, and `more`. They wait no more. Those of a window that has ended count for
   * nothing.
   */
  take(name: string, more: number): number {
    const count = this.counts.get(name);
    if (count === undefined) return more;
    const { pending } = count;
    count.remaining -= pending + more;
    count.pending = 0;
    return count.endsAt > performance.now() ? pending + more : more;
  }

  /**
   * Takes up what the database says is left. When too many names are known, the one that was settled longest ago is
   * dropped, and returned if points of it wait to be written; if it is still spent from, the database is asked again.
   */
  settled(
    name: string,
    { remainingPoints, msBeforeNext }: RateLimiterRes,
  ): { readonly name: string; readonly pending: number } | null {
    const known = this.counts.get(name);
    const now = performance.now();
    // Answers of the database may come in another order than they were given; within a window less and less is left.
    const isSameWindow = known !== undefined && known.endsAt > now;
    const remaining = isSameWindow ? Math.min(known.remaining, remainingPoints) : remainingPoints;
    this.counts.delete(name);
    this.counts.set(name, { remaining, pending: isSameWindow ? known.pending : 0, endsAt: now + msBeforeNext });
    const [oldest] = this.counts.keys();
    if (this.counts.size <= this.maxNames || oldest === undefined) return null;
    const pending = this.take(oldest, 0);
    this.counts.delete(oldest);
    return pending > 0 ? { name: oldest, pending } : null;
  }

  forget(name: string): void {
    this.counts.delete(name);
  }
}

/**
 * The names without points, and until when. They are refused without a statement, so that a flood of requests does not
 * become a flood of statements.
 */
class EmptyUntil {
  private readonly ends = new Map<string, number>();

  constructor(private readonly maxNames: number) {}

  add(name: string, forMs: number): void {
    const now = performance.now();
    this.ends.delete(name);
    if (this.ends.size >= this.maxNames) {
      for (const [each, end] of this.ends) if (end <= now) this.ends.delete(each);
    }
    // Names that are forgotten are looked up in the database again: slower, but not wrong.
    if (this.ends.size >= this.maxNames) this.ends.clear();
    this.ends.set(name, now + forMs);
  }

  leftMs(name: string): number {
    const leftMs = (this.ends.get(name) ?? 0) - performance.now();
    if (leftMs <= 0) this.ends.delete(name);
    return Math.max(0, leftMs);
  }
}
