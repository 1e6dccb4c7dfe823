import { type Batched, batched, type Taken } from './batched.js';
import type { EventFeed, Numbered } from './event-feed.js';
import { retryRead } from './retry-read.js';

/** What a subscriber needs of the log that it follows. */
export interface FollowedLog<Event extends Numbered> {
  /** The kind's name in log lines, e.g. `run events`. */
  readonly what: string;
  log(message: string): void;
  /** Where the log ends now, and whether nothing can follow; undefined: there is no such log. */
  readEnd(): Promise<{ readonly lastSeq: number; readonly closed: boolean } | undefined>;
  /** Whether no event can follow this one. */
  isLast(event: Event): boolean;
  /** The feed of all followers, which knows what comes after `lastSeq` at the latest. */
  follow(lastSeq: number): EventFeed<Event>;
  unfollow(): void;
  /** The cursor is done. */
  released(): void;
}

/**
 * One subscriber's position in a log: every event after `afterSeq` once, in order; with null, those after its first
 * call. It reads nothing ahead but a page of the table, and only where the feed no longer has what comes next.
 */
export function logCursor<Event extends Numbered>(log: FollowedLog<Event>, afterSeq: number | null): Batched<Event> {
  return batched(new LogCursor(log, afterSeq));
}

class LogCursor<Event extends Numbered> implements Pick<Batched<Event>, 'take' | 'end'> {
  private feed: EventFeed<Event> | null = null;
  private stopFollowing: (() => void) | null = null;
  /** A read of the database that is under way. */
  private reading: AbortController | null = null;
  /** The rest of a page that was read from the table. */
  private page: readonly Event[] = [];
  private failure: { readonly error: unknown } | null = null;
  private isOver = false;
  private isWaiting = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly log: FollowedLog<Event>,
    private seq: number | null,
  ) {}

  take(most: number, wake: () => void): Taken<Event> {
    if (this.failure !== null) {
      const { error } = this.failure;
      this.failure = null;
      throw error;
    }
    if (this.isOver) return 'ended';
    const events = this.reading === null ? this.known(most) : [];
    const last = events.at(-1);
    if (last === undefined) {
      if (this.reading === null && this.feed?.isOver === true) {
        this.release();
        return 'ended';
      }
      this.wake = wake;
      this.isWaiting = true;
      return 'waiting';
    }
    this.seq = last.seq;
    if (this.log.isLast(last)) this.release();
    return events;
  }

  async end(): Promise<void> {
    this.release();
    this.wakeTaker();
  }

  /** What can be given without waiting. Starts the read that is needed where nothing can. */
  private known(most: number): readonly Event[] {
    if (this.feed === null) {
      void this.read(() => this.log.readEnd(), this.begin);
      return [];
    }
    if (this.page.length === 0) {
      const { feed, seq } = this;
      const kept = feed.after(seq!, most);
      if (kept !== null) return kept;
      void this.read(
        () => feed.pageAfter(seq!),
        (page) => {
          // Nothing is there although the feed knows of events: the log was deleted.
          if (page.length === 0) this.release();
          else this.page = page;
        },
      );
      return [];
    }
    const events = this.page.slice(0, most);
    this.page = this.page.slice(most);
    return events;
  }

  private readonly begin = (end: Awaited<ReturnType<FollowedLog<Event>['readEnd']>>): void => {
    this.seq ??= end?.lastSeq ?? null;
    if (end === undefined || (end.closed && this.seq! >= end.lastSeq)) {
      this.release();
      return;
    }
    this.feed = this.log.follow(end.lastSeq);
    this.stopFollowing = this.feed.follow(() => this.wakeTaker());
  };

  private async read<Result>(read: () => Promise<Result>, use: (result: Result) => void): Promise<void> {
    const { what, log } = this.log;
    const reading = new AbortController();
    this.reading = reading;
    try {
      const result = await retryRead(read, { signal: reading.signal, what, log });
      if (this.isOver) return;
      this.reading = null;
      use(result!);
    } catch (error) {
      if (this.isOver) return;
      this.failure = { error };
      this.release();
    }
    this.wakeTaker();
  }

  private wakeTaker(): void {
    if (!this.isWaiting) return;
    this.isWaiting = false;
    this.wake();
  }

  private release(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.reading?.abort();
    this.reading = null;
    this.page = [];
    this.stopFollowing?.();
    if (this.feed !== null) this.log.unfollow();
    this.feed = null;
    this.log.released();
  }
}
