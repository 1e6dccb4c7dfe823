import { expect, test } from 'vitest';
import { readWorkerEnv } from '../../../gpu-worker/env.js';
import { readEnv } from '../../../src/env.js';
import { EnvironmentError } from '../../../src/protocol/environment.js';

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error('The environment was accepted.');
}

test('an empty environment gives the defaults', () => {
  expect(readEnv({})).toMatchObject({
    databaseUrl: null,
    home: `${process.cwd()}/.attune`,
    host: '127.0.0.1',
    port: 4000,
    engine: 'auto',
    workers: 1,
    leaseSeconds: 30,
    heartbeatIntervalMs: 10_000,
    logLevel: 'info',
  });
});

test('an empty value counts as not set', () => {
  expect(readEnv({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 4000, databaseUrl: null });
});

test('every refused variable is named with its value and what is allowed', () => {
  const message = refusal(() => readEnv({ ATTUNE_ENGINE: 'gpu', PORT: '99999', ATTUNE_THREADS: '2.5' }));

  expect(message).toContain(
    'ATTUNE_ENGINE=gpu is not allowed: use one of auto, cpu, webgpu, cuda, tensorflow (default auto).',
  );
  expect(message).toContain('PORT=99999 is not allowed: use a whole number from 0 to 65535 (default 4000).');
  expect(message).toContain('ATTUNE_THREADS=2.5 is not allowed');
});

test('numbers are decimal digits and nothing else', () => {
  for (const value of ['0x10', '1e3', ' 5', '-1', '٣', 'NaN']) {
    expect(refusal(() => readEnv({ PORT: value }))).toContain('PORT=');
  }
});

test('a worker on its own says what it needs', () => {
  const message = refusal(() => readWorkerEnv({}));

  expect(message).toContain('DATABASE_URL is not set');
  expect(message).toContain('ATTUNE_HOME is not set');
  expect(readWorkerEnv({ DATABASE_URL: 'postgres://a@b/c', ATTUNE_HOME: '/data' })).toMatchObject({
    databaseUrl: 'postgres://a@b/c',
    home: '/data',
  });
});

test('a refused database URL is not shown: there is a password in it', () => {
  const url = 'mysql://attune:hunter2@db/attune';
  const messages = [
    () => readEnv({ DATABASE_URL: url }),
    () => readWorkerEnv({ DATABASE_URL: url, ATTUNE_HOME: '/data' }),
  ].map(messageOf);
  for (const message of messages) {
    expect(message).toContain('The value of DATABASE_URL is not allowed');
    expect(message).not.toContain('hunter2');
  }
});

function messageOf(action: () => unknown): string {
  try {
    action();
    return '';
  } catch (error) {
    return String(error);
  }
}

test('webhooks are delivered to the public internet, and to what is allowed besides', () => {
  expect(readEnv({}).webhookAllowPrivate).toEqual([]);
  expect(readEnv({ ATTUNE_WEBHOOK_ALLOW_PRIVATE: 'hooks.internal' }).webhookAllowPrivate).toEqual([
    { kind: 'host', host: 'hooks.internal' },
  ]);
  expect(readEnv({ ATTUNE_WEBHOOK_ALLOW_PRIVATE: '*' }).webhookAllowPrivate).toBe('everywhere');
  expect(refusal(() => readEnv({ ATTUNE_WEBHOOK_ALLOW_PRIVATE: '10.0.0.0/64' }))).toContain(
    'ATTUNE_WEBHOOK_ALLOW_PRIVATE=10.0.0.0/64 is not allowed',
  );
});

test('a secret that is too short is refused without being shown', () => {
  const message = refusal(() => readEnv({ ATTUNE_SECRET: 'hunter2' }));
  expect(message).toContain('The value of ATTUNE_SECRET is not allowed: use a random text of at least 32 characters');
  expect(message).not.toContain('hunter2');
});
