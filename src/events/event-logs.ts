import { messageOf } from '../protocol/message-of.js';
import type { Batched } from './batched.js';
import { EventFeed, type Numbered } from './event-feed.js';
import { logCursor } from './log-cursor.js';

/** The logs of one kind in the database. Each log has the events of one owner (a run, a project). */
export interface StoredLogs<Event extends Numbered> {
  /** The kind's name in log lines, e.g. `run events`. */
  readonly what: string;
  /** One page of an owner's log, in order of seq, starting after `afterSeq`. */
  readPage(ownerId: string, afterSeq: number, limit: number): Promise<readonly Event[]>;
  /** The ends of logs; an owner that does not exist is left out. One statement for any number of owners. */
  readEnds(ownerIds: readonly string[]): Promise<readonly LogEnd[]>;
  /** Whether no event can follow this one. */
  isLast(event: Event): boolean;
}

interface LogEnd {
  readonly ownerId: string;
  readonly lastSeq: number;
  /** True when nothing will be appended any more. */
  readonly closed: boolean;
}

/** Live events of many logs, for every subscriber of one API process. */
export interface EventLogs<Event> {
  /**
   * Every event of a log after `afterSeq` exactly once, in order: first those in the table, then live ones. With null,
   * only events after this moment. Ends after the log's last event, once the log is deleted, on `return()`, or when
   * `signal` is aborted; while the database is unreachable, it waits. An owner that does not exist has no events.
   */
  subscribe(ownerId: string, afterSeq: number | null, signal?: AbortSignal): Batched<Event>;
  /** Handles a notification `<owner id>:<last seq>`; null: notifications may have been lost. */
  notified(payload: string | null): void;
  /** Ends every subscription. */
  close(): void;
  /** How many logs have subscribers now. */
  readonly followed: number;
}

/**
 * Told of new events as they are read, once in a process, however many follow.
 * @param what names their kind, e.g. `run events`
 */
export type OnNewEvents = (what: string, events: readonly Numbered[]) => void;

export function followLogs<Event extends Numbered>(
  stored: StoredLogs<Event>,
  options: {
    /** How long a lost notification can go unnoticed. */
    readonly pollIntervalMs: number;
    readonly log: (message: string) => void;
    /** Told of events that were read because somebody follows their log. */
    readonly onNew?: OnNewEvents | undefined;
  },
): EventLogs<Event> {
  const { what } = stored;
  const { log, onNew } = options;
  const feeds = new Map<string, { readonly feed: EventFeed<Event>; subscribers: number }>();
  /** Of all subscribers that have asked for events. */
  const cursors = new Set<Batched<Event>>();
  let isClosed = false;

  const catchUp = (ownerId: string, lastSeq: number): void => {
    feeds
      .get(ownerId)
      ?.feed.catchUp(lastSeq)
      .catch((error: unknown) => log(`Reading ${what} of ${ownerId} failed: ${messageOf(error)}`));
  };
  const poll = async (): Promise<void> => {
    if (feeds.size === 0) return;
    const followed = [...feeds];
    const ends = await stored.readEnds(followed.map(([ownerId]) => ownerId));
    for (const { ownerId, lastSeq } of ends) catchUp(ownerId, lastSeq);
    const there = new Set(ends.map(({ ownerId }) => ownerId));
    // A log is followed once it was found, so that one which is not there was deleted.
    for (const [ownerId, { feed }] of followed) if (!there.has(ownerId)) feed.end();
  };
  const pollSafely = (): void => {
    poll().catch((error: unknown) => log(`Polling for ${what} failed: ${messageOf(error)}`));
  };
  const timer = setInterval(pollSafely, options.pollIntervalMs);
  timer.unref();

  const follow = (ownerId: string, startSeq: number): EventFeed<Event> => {
    let entry = feeds.get(ownerId);
    if (entry === undefined) {
      const feed = new EventFeed<Event>(
        (after, limit) => stored.readPage(ownerId, after, limit),
        startSeq,
        (events) => onNew?.(what, events),
      );
      entry = { feed, subscribers: 0 };
      feeds.set(ownerId, entry);
      // Notifications between reading `startSeq` and this line found no feed: read once more.
      catchUp(ownerId, Number.POSITIVE_INFINITY);
    }
    entry.subscribers += 1;
    return entry.feed;
  };
  const unfollow = (ownerId: string): void => {
    const entry = feeds.get(ownerId);
    if (entry === undefined) return;
    entry.subscribers -= 1;
    if (entry.subscribers === 0) feeds.delete(ownerId);
  };

  return {
    subscribe(ownerId, afterSeq, signal) {
      const end = (): void => void cursor.end();
      const cursor = logCursor<Event>(
        {
          what,
          log,
          isLast: (event) => stored.isLast(event),
          async readEnd() {
            cursors.add(cursor);
            return (await stored.readEnds([ownerId]))[0];
          },
          follow: (lastSeq) => follow(ownerId, lastSeq),
          unfollow: () => unfollow(ownerId),
          released() {
            cursors.delete(cursor);
            signal?.removeEventListener('abort', end);
          },
        },
        afterSeq,
      );
      signal?.addEventListener('abort', end);
      if (isClosed || signal?.aborted === true) end();
      return cursor;
    },
    notified(payload) {
      if (payload === null) {
        pollSafely();
        return;
      }
      const colon = payload.lastIndexOf(':');
      catchUp(payload.slice(0, colon), Number(payload.slice(colon + 1)));
    },
    close() {
      clearInterval(timer);
      isClosed = true;
      for (const cursor of cursors) void cursor.end();
    },
    get followed() {
      return feeds.size;
    },
  };
}
