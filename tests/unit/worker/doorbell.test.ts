import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Doorbell } from '../../../gpu-worker/lanes/doorbell.js';

const never = new AbortController().signal;
const hour = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Says, once all that was due is done, whether a wait has ended. */
function endOf(wait: Promise<void>): () => Promise<boolean> {
  let hasEnded = false;
  void wait.then(() => {
    hasEnded = true;
  });
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return hasEnded;
  };
}

test('a ring ends the wait, and leaves no timer', async () => {
  const bell = new Doorbell();
  const hasEnded = endOf(bell.wait(hour, never));
  expect(await hasEnded()).toBe(false);
  bell.ring();
  expect(await hasEnded()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('a ring while nobody waits is kept, once', async () => {
  const bell = new Doorbell();
  bell.ring();
  bell.ring();
  expect(await endOf(bell.wait(hour, never))()).toBe(true);
  const hasEnded = endOf(bell.wait(hour, never));
  expect(await hasEnded()).toBe(false);
  bell.ring();
  expect(await hasEnded()).toBe(true);
});

test('without a ring the wait ends with its time', async () => {
  const hasEnded = endOf(new Doorbell().wait(hour, never));
  await vi.advanceTimersByTimeAsync(hour - 1);
  expect(await hasEnded()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await hasEnded()).toBe(true);
});

test('an abort ends the wait, now or before it begins, and leaves no timer', async () => {
  const bell = new Doorbell();
  const abort = new AbortController();
  const hasEnded = endOf(bell.wait(hour, abort.signal));
  expect(await hasEnded()).toBe(false);
  abort.abort();
  expect(await hasEnded()).toBe(true);
  expect(await endOf(bell.wait(hour, abort.signal))()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
