import { expect, test } from 'vitest';
import { Counter, MessageRate } from '../../../src/server/socket-limits.js';

test('a counter lets in as many of a name as there may be, and more when some have gone', () => {
  const counter = new Counter(2);
  expect([counter.take('a'), counter.take('a'), counter.take('a'), counter.take('b')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  counter.release('a');
  expect([counter.take('a'), counter.take('a')]).toEqual([true, false]);
  counter.release('nobody');
  expect(counter.take('nobody')).toBe(true);
});

test('messages come in a burst, then at their rate', () => {
  let now = 0;
  const rate = new MessageRate({ messagesPerSecond: 10, messageBurst: 3 }, () => now);
  const take = (count: number) => Array.from({ length: count }, () => rate.take());
  expect(take(4)).toEqual([true, true, true, false]);
  now += 100;
  expect(take(2)).toEqual([true, false]);
  now += 60_000;
  expect(take(4)).toEqual([true, true, true, false]);
});
