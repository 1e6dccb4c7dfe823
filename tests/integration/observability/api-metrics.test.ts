import { createClient as createStreams } from 'graphql-sse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';
import { type Sample, sampleOf, scrape } from '../../support/scrape.js';

const token = 'a-token-for-the-scrapes';
const watch = /* GraphQL */ `
  subscription Watch($id: ID!) { experimentEvents(experimentId: $id) { ... on SequencedEvent { seq } } }
`;

let api: TestApi;
let url: string;
const read = (): Promise<Sample[]> => scrape(url, token);

beforeAll(async () => {
  const metrics = { host: '127.0.0.1', port: 0, token };
  api = await startTestApi({ observability: { metrics, traces: null } });
  const told = api.log.map(({ msg }) => /^Metrics are at (\S+)$/.exec(String(msg))?.[1]);
  url = `http://${told.find((found) => found !== undefined)!}`;
});
afterAll(() => api?.close());

test('a scrape needs the token, and the port serves nothing else', async () => {
  const status = async (...args: Parameters<typeof fetch>) => (await fetch(...args)).status;
  const headers = { authorization: `Bearer ${token}` };
  expect(await status(url)).toBe(401);
  expect(await status(url, { headers: { authorization: 'Bearer another-token-of-theirs' } })).toBe(401);
  expect(await status(url, { headers })).toBe(200);
  expect(await status(url, { headers, method: 'POST' })).toBe(405);
  expect(await status(new URL('/graphql', url), { headers })).toBe(404);
  expect(await status(`${api.url}/metrics`)).toBe(404);
});

test('operations are counted and timed by name, errors by code', async () => {
  const before = await read();
  await api.send('query Mine { viewer { administrator } }');
  await api.send('query Mine { viewer { administrator } }');
  await api.send('{ viewer { administrator } }');
  await api.send('query Wrong { nothing }');
  await api.send('{');
  const samples = await read();
  const counted = (labels: Record<string, string>) => sampleOf(samples, 'attune_operations_total', labels);
  expect(counted({ operation: 'Mine', type: 'query', transport: 'http', outcome: 'ok' })).toBe(2);
  expect(counted({ operation: 'unnamed', outcome: 'ok' })).toBe(1);
  expect(counted({ operation: 'invalid', outcome: 'error' })).toBe(2);
  expect(sampleOf(samples, 'attune_operation_duration_seconds_count', { operation: 'Mine' })).toBe(2);
  expect(sampleOf(samples, 'attune_operation_errors_total', { code: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
  expect(sampleOf(samples, 'attune_operation_errors_total', { code: 'GRAPHQL_PARSE_FAILED' })).toBe(1);
  expect(sampleOf(samples, 'attune_http_request_duration_seconds_count', { route: 'graphql', status: '200' })).toBe(5);
  const took = sampleOf(samples, 'attune_operation_duration_seconds_sum', { operation: 'Mine' })!;
  expect(took).toBeGreaterThan(0);
  expect(took).toBeLessThan(60);
  const selects = (of: Sample[]) => sampleOf(of, 'attune_sql_duration_seconds_count', { verb: 'select' }) ?? 0;
  expect(selects(samples)).toBeGreaterThanOrEqual(selects(before));
});

test('statements are timed in and outside of transactions, and failed ones told by their class', async () => {
  const count = (samples: Sample[], verb: string) =>
    sampleOf(samples, 'attune_sql_duration_seconds_count', { verb }) ?? 0;
  const before = await read();
  await api.dataSource.query('SELECT pg_sleep(0.05)');
  await api.dataSource.transaction((manager) => manager.query('UPDATE projects SET name = name'));
  await expect(api.dataSource.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  const after = await read();
  // Besides: the scrapes’ own reads of the queue.
  expect(count(after, 'select') - count(before, 'select')).toBeGreaterThanOrEqual(2);
  expect(count(after, 'update') - count(before, 'update')).toBe(1);
  expect(count(after, 'commit') - count(before, 'commit')).toBe(1);
  const spent = (samples: Sample[]) => sampleOf(samples, 'attune_sql_duration_seconds_sum', { verb: 'select' })!;
  expect(spent(after) - spent(before)).toBeGreaterThan(0.05);
  expect(sampleOf(after, 'attune_sql_errors_total', { class: '22' })).toBe(1);
  expect(sampleOf(after, 'attune_sql_connections_max')).toBe(10);
  expect(sampleOf(after, 'attune_sql_waiting')).toBe(0);
  expect(sampleOf(after, 'attune_sql_acquire_seconds_count')).toBeGreaterThan(0);
});

test('subscribers are counted while they are there, over both transports, and the lag of their events', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'watched' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const streams = createStreams({ url: `${api.url}/graphql`, retryAttempts: 0 });
  const followed = [
    api.connect().iterate({ query: watch, variables: { id } }),
    streams.iterate({ query: watch, variables: { id } }),
  ];
  for (const each of followed) await each.next();
  const subscribers = (samples: Sample[], transport: string) =>
    sampleOf(samples, 'attune_subscriptions', { field: 'experimentEvents', transport });
  const during = await read();
  expect([subscribers(during, 'websocket'), subscribers(during, 'events')]).toEqual([1, 1]);
  expect(sampleOf(during, 'attune_http_connections')).toBeGreaterThanOrEqual(2);

  await record(api.dataSource, runId, [metrics(1, { 'train/loss': 0.5 })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  for (const each of followed) while ((await each.next()).done !== true);
  streams.dispose();
  await expect.poll(async () => subscribers(await read(), 'websocket')).toBe(0);
  await expect.poll(async () => subscribers(await read(), 'events')).toBe(0);
  const after = await read();
  expect(sampleOf(after, 'attune_events_read_total', { log: 'run_events' })).toBeGreaterThanOrEqual(3);
  expect(sampleOf(after, 'attune_event_lag_seconds_count', { log: 'run_events' })).toBeGreaterThanOrEqual(1);
  const counted = (transport: string) =>
    sampleOf(after, 'attune_operations_total', { operation: 'Watch', transport, outcome: 'ok' });
  expect([counted('websocket'), counted('events')]).toEqual([1, 1]);
});

test('errors in the events of a subscription are counted for each subscriber, over both transports', async () => {
  for (const name of ['one', 'two']) await createTestExperiment(api, { name });
  const query = `subscription Faulty {
    projectActivity(afterSeq: 0, kinds: [EXPERIMENT_CREATED]) {
      ... on ExperimentCreated { experiment { evaluations(after: "no cursor") { totalCount } } }
    }
  }`;
  const count = async (): Promise<number> =>
    sampleOf(await read(), 'attune_operation_errors_total', { code: 'BAD_USER_INPUT' }) ?? 0;
  const before = await count();
  const streams = createStreams({ url: `${api.url}/graphql`, retryAttempts: 0 });
  for (const client of [api.connect(), streams]) {
    const events = client.iterate({ query });
    for (const _ of ['one', 'two']) {
      const { value } = await events.next();
      expect(value?.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
    await events.return?.();
  }
  streams.dispose();
  expect(await count()).toBeGreaterThanOrEqual(before + 4);
  const ended = async (transport: string) =>
    sampleOf(await read(), 'attune_operations_total', { operation: 'Faulty', transport, outcome: 'error' });
  for (const transport of ['websocket', 'events']) await expect.poll(() => ended(transport)).toBe(1);
});

test('a mutation that comes as a GET for an event stream is counted as an error', async () => {
  const query = 'mutation ByGet { revokeApiKey(input: { apiKeyId: "x" }) { __typename } }';
  const headers = { accept: 'text/event-stream' };
  const { status } = await fetch(`${api.url}/graphql?${new URLSearchParams({ query })}`, { headers });
  expect(status).toBe(405);
  const counted = async (outcome: string) =>
    sampleOf(await read(), 'attune_operations_total', { operation: 'ByGet', transport: 'events', outcome }) ?? 0;
  await expect.poll(() => counted('error')).toBe(1);
  expect(await counted('ok')).toBe(0);
});

test('the queue is read from the database: depth by kind, age of the oldest, workers', async () => {
  await createTestExperiment(api, { name: 'queued' });
  await api.dataSource.query(`UPDATE jobs SET created_at = now() - interval '90 s' WHERE state = 'queued'`);
  await expect
    .poll(async () => sampleOf(await read(), 'attune_job_oldest_queued_seconds', { lane: 'training' }), {
      timeout: 10_000,
    })
    .toBeGreaterThan(89);
  const samples = await read();
  expect(sampleOf(samples, 'attune_jobs', { lane: 'training', kind: 'train', state: 'queued' })).toBeGreaterThan(0);
  expect(sampleOf(samples, 'attune_job_oldest_queued_seconds', { lane: 'data' })).toBe(0);
  expect(sampleOf(samples, 'attune_workers_online')).toBe(0);
});

test('the process shows its version, memory and event loop', async () => {
  const samples = await read();
  expect(sampleOf(samples, 'attune_build_info', { role: 'api', version: '0.0.0-test' })).toBe(1);
  expect(sampleOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
  expect(sampleOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
});
