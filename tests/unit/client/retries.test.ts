import { expect, test } from 'vitest';
import { headersFor, pauseAfter } from '../../../clients/typescript/http.js';
import { ConnectionError, ProblemsError, RefusedError } from '../../../clients/typescript/index.js';
import { delayMs, retryAfterSeconds, wait } from '../../../clients/typescript/waiting.js';

const retry = { maxRetries: 5, shortestMs: 100, longestMs: 1_000 };
const lost = new ConnectionError('lost', null, null);
const answered = (status: number, after: number | null = null, code = 'X') =>
  new RefusedError('refused', { code, status, retryAfterSeconds: after });

test('what may be sent again, and after how long', () => {
  expect(pauseAfter(lost, false, retry, 1)).toBeNull();
  expect(pauseAfter(lost, true, retry, 1)).toBeGreaterThanOrEqual(50);
  // Nothing was done: also what may not be done twice.
  expect(pauseAfter(answered(429, 7), false, retry, 1)).toBe(7_000);
  expect(pauseAfter(answered(503, 2), true, retry, 1)).toBe(2_000);
  // Out of time, the server may have done it.
  expect(pauseAfter(answered(503, 2), false, retry, 1)).toBeNull();
  expect(pauseAfter(answered(502), true, retry, 1)).toBeLessThanOrEqual(100);
  // Over a WebSocket there is no status.
  expect(pauseAfter(new RefusedError('', { code: 'RATE_LIMITED', retryAfterSeconds: 3 }), true, retry, 1)).toBe(3_000);
  for (const status of [400, 401, 403, 404, 500]) expect(pauseAfter(answered(status), true, retry, 1)).toBeNull();
  expect(pauseAfter(new ProblemsError([]), true, retry, 1)).toBeNull();
  expect(pauseAfter(answered(429, 3_600), true, retry, 1)).toBeNull();
});

test('waits double up to the longest, and half of each is drawn', () => {
  const range = (failures: number) => {
    const drawn = Array.from({ length: 200 }, () => delayMs(retry, failures));
    return [Math.min(...drawn), Math.max(...drawn)] as const;
  };
  for (const [failures, whole] of [
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1_000],
    [50, 1_000],
  ] as const) {
    const [least, most] = range(failures);
    expect(least).toBeGreaterThanOrEqual(whole / 2);
    expect(most).toBeLessThanOrEqual(whole);
    expect(most - least).toBeGreaterThan(whole / 10);
  }
});

test('Retry-After in seconds counts, a date does not', () => {
  expect(retryAfterSeconds(new Headers({ 'retry-after': '12' }))).toBe(12);
  expect(retryAfterSeconds(new Headers({ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }))).toBeNull();
  expect(retryAfterSeconds(new Headers())).toBeNull();
});

test('a wait ends with its signal, and keeps no listener when it ends by itself', async () => {
  const reason = new Error('enough');
  await expect(wait(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const stopped = new AbortController();
  const waiting = wait(60_000, stopped.signal);
  stopped.abort(reason);
  await expect(waiting).rejects.toBe(reason);
});

test('a key goes to its own server alone', () => {
  const server = { url: new URL('https://attune.example.org/'), apiKey: 'attune_key' } as never;
  expect(headersFor(server, new URL('https://attune.example.org/exports/1'))).toEqual({
    authorization: 'Bearer attune_key',
  });
  for (const other of ['http://attune.example.org/', 'https://attune.example.org:444/', 'https://example.org/']) {
    expect(headersFor(server, new URL(other))).toEqual({});
  }
});
