import { expect, test } from 'vitest';
import { Doorbell } from '../../../gpu-worker/lanes/doorbell.js';

const never = new AbortController().signal;
const hour = 3_600_000;

test('a ring ends the wait', async () => {
  const bell = new Doorbell();
  const waiting = bell.wait(hour, never);
  bell.ring();
  await waiting;
});

test('a ring while nobody waits is kept, once', async () => {
  const bell = new Doorbell();
  bell.ring();
  bell.ring();
  await bell.wait(hour, never);
  let ended = false;
  const second = bell.wait(hour, never).then(() => {
    ended = true;
  });
  await Promise.resolve();
  expect(ended).toBe(false);
  bell.ring();
  await second;
});

test('an abort ends the wait, now or before it begins', async () => {
  const bell = new Doorbell();
  const abort = new AbortController();
  const waiting = bell.wait(hour, abort.signal);
  abort.abort();
  await waiting;
  await bell.wait(hour, abort.signal);
});
