import type { StoredRunEvent } from '../protocol/run-event.js';
import { isTerminal } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';
import { endable } from './endable.js';
import { persist } from './persist.js';
import { readRunEnds, readRunEvents } from './read-run-events.js';
import { RunFeed } from './run-feed.js';

const pageSize = 500;

/** Live events of runs, for every subscriber of one API process. */
export interface RunEvents {
  /**
   * Every event of a run after `afterSeq` exactly once, in order: first those in the table, then live ones. Ends after the event
   * that ends the run, on `return()`, or when `signal` is aborted; a database that is away is waited for. A run that does not
   * exist has no events.
   */
  subscribe(runId: string, afterSeq: number, signal?: AbortSignal): AsyncGenerator<StoredRunEvent, void, undefined>;
  /** A notification `<run id>:<last seq>`, or null: any may have been missed. */
  notified(payload: string | null): void;
  /** Ends every subscription. */
  close(): void;
  /** Runs that are followed now. */
  readonly followed: number;
}

export function createRunEvents(options: {
  readonly query: Query;
  /** How long a lost notification can go unnoticed. */
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
}): RunEvents {
  const { query, log } = options;
  const feeds = new Map<string, { readonly feed: RunFeed; subscribers: number }>();
  const closing = new AbortController();

  const catchUp = (runId: string, lastSeq: number): void => {
    feeds
      .get(runId)
      ?.feed.catchUp(lastSeq)
      .catch((error: unknown) => log(`Reading events of run ${runId} failed: ${messageOf(error)}`));
  };
  const poll = async (): Promise<void> => {
    if (feeds.size === 0) return;
    for (const { runId, lastSeq } of await readRunEnds(query, [...feeds.keys()])) catchUp(runId, lastSeq);
  };
  const pollSafely = (): void => {
    poll().catch((error: unknown) => log(`Polling for run events failed: ${messageOf(error)}`));
  };
  const timer = setInterval(pollSafely, options.pollIntervalMs);
  timer.unref();

  const follow = (runId: string, startSeq: number): RunFeed => {
    let entry = feeds.get(runId);
    if (entry === undefined) {
      entry = { feed: new RunFeed(query, runId, startSeq), subscribers: 0 };
      feeds.set(runId, entry);
      // Notifications of the moment between reading `startSeq` and now went past it.
      catchUp(runId, Number.POSITIVE_INFINITY);
    }
    entry.subscribers += 1;
    return entry.feed;
  };
  const unfollow = (runId: string): void => {
    const entry = feeds.get(runId);
    if (entry === undefined) return;
    entry.subscribers -= 1;
    if (entry.subscribers === 0) feeds.delete(runId);
  };

  async function* eventsAfter(
    runId: string,
    afterSeq: number,
    ended: AbortSignal,
  ): AsyncGenerator<StoredRunEvent, void, undefined> {
    const retrying = <Result>(read: () => Promise<Result>) => persist(read, { signal: ended, what: 'run events', log });
    const end = (await retrying(() => readRunEnds(query, [runId])))?.[0];
    if (end === undefined || ended.aborted || (isTerminal(end.status) && afterSeq >= end.lastSeq)) return;
    const feed = follow(runId, end.lastSeq);
    try {
      let seq = afterSeq;
      while (!ended.aborted) {
        const events = feed.after(seq) ?? (await retrying(() => readRunEvents(query, runId, seq, pageSize))) ?? [];
        if (events.length === 0) await feed.added.next(ended);
        for (const event of events) {
          if (ended.aborted) return;
          yield event;
          seq = event.seq;
          if (event.event.kind === 'statusChanged' && isTerminal(event.event.to)) return;
        }
      }
    } finally {
      unfollow(runId);
    }
  }

  return {
    subscribe: (runId, afterSeq, signal) =>
      endable(
        (ended) => eventsAfter(runId, afterSeq, ended),
        signal === undefined ? [closing.signal] : [closing.signal, signal],
      ),
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
      closing.abort();
    },
    get followed() {
      return feeds.size;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
