import pg from 'pg';
import { expect, test } from 'vitest';
import { AttemptOver } from '../../../gpu-worker/queue/attempt-over.js';
import { isTransient, retryTransient } from '../../../gpu-worker/queue/retry.js';

function databaseError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('refused', 0, 'error');
  error.code = code;
  return error;
}

const system = (code: string): Error => Object.assign(new Error(code), { code });

test('what says something about the server or the way to it is worth another try', () => {
  // admin_shutdown, cannot_connect_now, deadlock_detected, too_many_connections, connection_failure
  for (const code of ['57P01', '57P03', '40P01', '53300', '08006']) expect(isTransient(databaseError(code))).toBe(true);
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE']) expect(isTransient(system(code))).toBe(true);
  for (const message of [
    'Connection terminated unexpectedly',
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ]) {
    expect(isTransient(new Error(message))).toBe(true);
  }
});

test('what says something about the statement or the job is not', () => {
  // unique_violation, foreign_key_violation, undefined_table, not_null_violation
  for (const code of ['23505', '23503', '42P01', '23502']) expect(isTransient(databaseError(code))).toBe(false);
  expect(isTransient(new AttemptOver('job', 1))).toBe(false);
  expect(isTransient(new TypeError('x is not a function'))).toBe(false);
});

test('it tries until it works', async () => {
  let tries = 0;
  const delays: number[] = [];
  const result = await retryTransient(
    async () => {
      tries += 1;
      if (tries < 3) throw system('ECONNREFUSED');
      return 'done';
    },
    { signal: new AbortController().signal, onRetry: (_error, delayMs) => delays.push(delayMs) },
  );

  expect(result).toBe('done');
  expect(delays).toEqual([100, 200]);
});

test('it gives up, with the last error, when the lease is lost during a pause', async () => {
  const lost = new AbortController();
  const retrying = retryTransient(() => Promise.reject(system('ECONNREFUSED')), {
    signal: lost.signal,
    onRetry: () => lost.abort(),
  });

  await expect(retrying).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
