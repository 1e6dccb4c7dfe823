import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readEnv } from '../../../src/env.js';
import { EnvironmentError } from '../../../src/protocol/environment.js';
import { answerTimeoutMs, defaultNetworkSettings } from '../../../src/server/network-settings.js';

const read = (variables: Record<string, string>) => readEnv(variables).network;

test('without settings: nobody from elsewhere, generous limits, no lists of operations', () => {
  expect(read({})).toEqual(defaultNetworkSettings);
  expect(defaultNetworkSettings).toMatchObject({
    corsOrigins: [],
    rateLimit: 6000,
    maxBatchSize: 1,
    introspection: true,
    documentMode: 'any',
  });
});

test('each is read', () => {
  const settings = read({
    ATTUNE_CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    ATTUNE_TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8,::1',
    ATTUNE_RATE_LIMIT: '0',
    ATTUNE_QUERY_TIMEOUT_MS: '0',
    ATTUNE_MAX_COMPLEXITY: '20000',
    ATTUNE_MAX_DEPTH: '20',
    ATTUNE_MAX_BATCH: '5',
    ATTUNE_MAX_CONNECTIONS: '100',
    ATTUNE_INTROSPECTION: 'off',
    ATTUNE_DOCUMENTS: 'persisted-only',
    ATTUNE_PERSISTED_DOCUMENTS: 'web.json:mobile.json',
  });
  expect(settings).toEqual({
    corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1'],
    rateLimit: 0,
    queryTimeoutMs: 0,
    maxComplexity: 20_000,
    maxDepth: 20,
    maxBatchSize: 5,
    maxConnections: 100,
    introspection: false,
    documentMode: 'persisted-only',
    documentPaths: [resolve('web.json'), resolve('mobile.json')],
  });
});

test('a server that runs known documents alone has to know some', () => {
  expect(() => read({ ATTUNE_DOCUMENTS: 'persisted-only' })).toThrow(
    /^ATTUNE_PERSISTED_DOCUMENTS is not set: use paths of JSON files .+: with ATTUNE_DOCUMENTS=persisted-only the server runs only these documents\.$/,
  );
});

test('a batch of none or one is no batch', () => {
  expect([read({ ATTUNE_MAX_BATCH: '0' }).maxBatchSize, read({ ATTUNE_MAX_BATCH: '1' }).maxBatchSize]).toEqual([1, 1]);
});

test('a query ends later than what it waits for', () => {
  const waits = [0, 1, 5_000, 30_000, 600_000].map((queryTimeoutMs) => answerTimeoutMs({ queryTimeoutMs }));
  expect(waits).toEqual([30_000, 1, 4_000, 24_000, 30_000]);
});

describe('is refused', () => {
  test.each([
    ['ATTUNE_CORS_ORIGINS', '*'],
    ['ATTUNE_CORS_ORIGINS', 'null'],
    ['ATTUNE_CORS_ORIGINS', 'app.example.com'],
    ['ATTUNE_CORS_ORIGINS', 'https://app.example.com/'],
    ['ATTUNE_CORS_ORIGINS', 'https://*.example.com'],
    ['ATTUNE_CORS_ORIGINS', 'https://app.example.com,file://x'],
    ['ATTUNE_TRUSTED_PROXIES', 'proxy.example.com'],
    ['ATTUNE_TRUSTED_PROXIES', '10.0.0.0/40'],
    ['ATTUNE_MAX_BATCH', '101'],
    ['ATTUNE_DOCUMENTS', 'all'],
  ])('%s=%s', (name, value) => expect(() => read({ [name]: value })).toThrow(EnvironmentError));
});
