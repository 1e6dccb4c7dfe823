import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { retryRead } from '../../../src/events/retry-read.js';

let logged: string[];
let ended: AbortController;
beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  ended = new AbortController();
});
afterEach(() => vi.useRealTimers());

const reading = <Result>(read: () => Promise<Result>) =>
  retryRead(read, { signal: ended.signal, what: 'run events', log: (message) => logged.push(message) });

test('a database that is away is asked again every second, however long it takes', async () => {
  let tries = 0;
  const started = Date.now();
  const result = reading(async () => {
    tries += 1;
    if (tries < 1500) throw new Error('ECONNREFUSED');
    return tries;
  });
  // Not all timers: those of what other tests of this process left would never end.
  await vi.advanceTimersByTimeAsync(1499 * 1000);
  expect(await result).toBe(1500);
  expect(Date.now() - started).toBe(1499 * 1000);
  expect(logged).toHaveLength(1499);
  expect(logged[0]).toBe('Reading run events failed, next try in 1000 ms: ECONNREFUSED');
});

test('an end during a pause is not waited for', async () => {
  let tries = 0;
  const result = reading(async () => {
    tries += 1;
    throw new Error('ECONNREFUSED');
  });
  await vi.advanceTimersByTimeAsync(1500);
  ended.abort();
  expect(await result).toBeUndefined();
  expect(tries).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is read for a subscriber that has gone', async () => {
  ended.abort();
  const read = vi.fn(async () => 'row');
  expect(await reading(read)).toBeUndefined();
  expect(read).not.toHaveBeenCalled();
});

test('a fault of the program is not repeated', async () => {
  const read = async () => {
    throw new TypeError('x is not a function');
  };
  await expect(reading(read)).rejects.toThrow('x is not a function');
  expect(vi.getTimerCount()).toBe(0);
});
