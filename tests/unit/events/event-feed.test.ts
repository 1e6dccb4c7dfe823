import { expect, test } from 'vitest';
import { EventFeed, type Numbered, type ReadPage } from '../../../src/events/event-feed.js';

/** A log of `count()` events, read as the feed reads it. */
function table(count: () => number): { readonly readPage: ReadPage<Numbered>; readonly reads: number[] } {
  const reads: number[] = [];
  const readPage: ReadPage<Numbered> = async (afterSeq, limit) => {
    reads.push(afterSeq);
    return Array.from({ length: Math.min(limit, count() - afterSeq) }, (_, index) => ({ seq: afterSeq + index + 1 }));
  };
  return { readPage, reads };
}

const seqs = (feed: EventFeed<Numbered>, after: number) => feed.after(after)?.map(({ seq }) => seq);

test('it reads from where it stands, page by page, and gives each position what follows', async () => {
  const { readPage, reads } = table(() => 1_203);
  const feed = new EventFeed(readPage, 3);

  await feed.catchUp(1_203);

  expect(reads).toEqual([3, 503, 1_003]);
  expect(seqs(feed, 1_201)).toEqual([1_202, 1_203]);
  expect(seqs(feed, 1_203)).toEqual([]);
  expect(seqs(feed, 3)).toHaveLength(1_200);
});

test('a position before what it keeps is told to read the table', async () => {
  const { readPage } = table(() => 5_000);
  const feed = new EventFeed(readPage, 0);
  await feed.catchUp(5_000);

  expect(feed.after(2_999)).toBeNull();
  expect(seqs(feed, 3_000)?.[0]).toBe(3_001);
});

test('a position ahead of it gets nothing until it is reached', async () => {
  let count = 4;
  const { readPage } = table(() => count);
  const feed = new EventFeed(readPage, 4);
  expect(seqs(feed, 6)).toEqual([]);
  count = 7;
  await feed.catchUp(7);
  expect(seqs(feed, 6)).toEqual([7]);
});

test('wakes that come during a read make one more read, wakes for what is known make none', async () => {
  let count = 1;
  const { readPage, reads } = table(() => count);
  const feed = new EventFeed(readPage, 0);
  const first = feed.catchUp(1);
  count = 3;
  await Promise.all([first, feed.catchUp(2), feed.catchUp(3)]);
  expect(reads.length).toBeLessThanOrEqual(2);
  expect(seqs(feed, 0)).toEqual([1, 2, 3]);

  const before = reads.length;
  await feed.catchUp(3);
  expect(reads).toHaveLength(before);
});

test('of subscribers that read the same page of the table at once, one reads', async () => {
  const { readPage, reads } = table(() => 600);
  const feed = new EventFeed(readPage, 600);
  const pages = await Promise.all([feed.pageAfter(10), feed.pageAfter(10), feed.pageAfter(20)]);
  expect(reads).toEqual([10, 20]);
  expect(pages[1]).toBe(pages[0]);
  expect(pages[0]).toHaveLength(500);
  await feed.pageAfter(10);
  expect(reads).toEqual([10, 20, 10]);
});

test('it tells its followers of what came, until they leave', async () => {
  let count = 1;
  const { readPage } = table(() => count);
  const feed = new EventFeed(readPage, 0);
  const told: string[] = [];
  const leave = feed.follow(() => told.push('first'));
  feed.follow(() => told.push('second'));
  await feed.catchUp(1);
  leave();
  count = 2;
  await feed.catchUp(2);
  expect(told).toEqual(['first', 'second', 'second']);
});
