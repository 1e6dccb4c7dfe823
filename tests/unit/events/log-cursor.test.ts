import { expect, test } from 'vitest';
import { EventFeed, type Numbered } from '../../../src/events/event-feed.js';
import { logCursor } from '../../../src/events/log-cursor.js';

/** One subscriber of a log of 3,000 events, of which the feed keeps the newest 2,000. */
async function behind() {
  const state = { count: 3_000, reads: 0, follows: 0, ended: 0 };
  const feed = new EventFeed<Numbered>(async (afterSeq, limit) => {
    state.reads += 1;
    const length = Math.max(0, Math.min(limit, state.count - afterSeq));
    return Array.from({ length }, (_, i) => ({ seq: afterSeq + i + 1 }));
  }, 0);
  await feed.catchUp(3_000);
  state.reads = 0;
  const cursor = logCursor<Numbered>(
    {
      what: 'events',
      log: () => undefined,
      readEnd: async () => ({ lastSeq: state.count, closed: false }),
      isLast: () => false,
      follow: () => {
        state.follows += 1;
        return feed;
      },
      unfollow: () => {
        state.follows -= 1;
      },
      released: () => {
        state.ended += 1;
      },
    },
    10,
  );
  return { state, cursor, feed };
}

test('a subscriber that fell behind reads the table page by page, and then what the feed keeps', async () => {
  const { state, cursor } = await behind();
  for (let seq = 11; seq <= 3_000; seq += 1) expect((await cursor.next()).value).toEqual({ seq });
  // 500 at a time, until the feed has what follows.
  expect(state.reads).toBe(2);
  await cursor.end();
});

test('a log that is deleted while a subscriber is behind ends its subscription, and is not read for ever', async () => {
  const { state, cursor } = await behind();
  expect((await cursor.next()).value).toEqual({ seq: 11 });
  state.count = 0;
  // The page that was read before.
  for (let seq = 12; seq <= 510; seq += 1) expect((await cursor.next()).value).toEqual({ seq });
  expect(await cursor.next()).toEqual({ done: true, value: undefined });
  expect(state).toEqual({ count: 0, reads: 2, follows: 0, ended: 1 });
});

test('a log that is deleted ends the subscription of one who has all of it', async () => {
  const { cursor, feed, state } = await behind();
  for (let seq = 11; seq <= 3_000; seq += 1) await cursor.next();
  const next = cursor.next();
  feed.end();
  expect(await next).toEqual({ done: true, value: undefined });
  expect([state.follows, state.ended]).toEqual([0, 1]);
});
