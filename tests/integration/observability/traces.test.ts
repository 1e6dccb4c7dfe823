import { createRequire } from 'node:module';
import { createClient as createStreams } from 'graphql-sse';
import { afterEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { type Collector, type ReceivedSpan, startCollector } from '../../support/collector.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';

const [traceId, parentId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const place = (flags = '01', trace = traceId) => ({ traceparent: `00-${trace}-${parentId}-${flags}` });
const watch = 'subscription Watch($id: ID!) { experimentEvents(experimentId: $id) { ... on SequencedEvent { seq } } }';

let api: TestApi | null = null;
afterEach(() => stop());

async function start(url: string): Promise<TestApi> {
  const traces = { url, sampler: { kind: 'parentbased_always_on', ratio: 1 } } as const;
  api = await startTestApi({ observability: { metrics: null, traces } });
  return api;
}

/** Ends the API, which sends what is left. */
async function stop(): Promise<void> {
  const running = api;
  api = null;
  await running?.close();
}

function post({ url }: TestApi, query: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers };
  return fetch(`${url}/graphql`, { method: 'POST', headers: all, body: JSON.stringify({ query }) });
}

const started = (collector: Collector) => start(`${collector.endpoint}/v1/traces`);

/** The spans of a trace that have a name. */
const named = (spans: readonly ReceivedSpan[], name: string | RegExp, trace = traceId) =>
  spans.filter(
    (span) => span.traceId === trace && (typeof name === 'string' ? span.name === name : name.test(span.name)),
  );

const loaded = () =>
  Object.keys(createRequire(import.meta.url).cache).filter((path) => /@opentelemetry.(sdk|exporter|otlp)/.test(path));

test('without an endpoint nothing of OpenTelemetry’s SDK is loaded, and a job is in no trace', async () => {
  // The first test of its process.
  const plain = await startTestApi();
  const { runId } = await createTestExperiment(plain, { name: 'untraced' });
  await post(plain, '{ __typename }', place());
  expect(await plain.dataSource.query('SELECT traceparent FROM jobs WHERE run_id = $1', [runId])).toEqual([
    { traceparent: null },
  ]);
  await plain.close();
  expect(loaded()).toEqual([]);
  await using collector = await startCollector();
  await started(collector);
  expect(loaded()).not.toEqual([]);
});

test('request, operation and statements are one trace, within the client’s span, without a text or value', async () => {
  await using collector = await startCollector();
  const traced = await started(collector);
  await createTestExperiment(traced, { name: 'a-name-of-mine' });
  const query =
    'query Mine { project { experiments(first: 3, filter: { text: "a-name-of-mine" }) { nodes { name } } } }';
  const answered = await post(traced, query, { ...place(), 'x-request-id': 'asked-1' });
  expect(JSON.stringify(await answered.json())).toContain('a-name-of-mine');
  await stop();
  const spans = collector.spans();
  const [request] = named(spans, 'POST /graphql');
  expect(request).toMatchObject({ parentSpanId: parentId, kind: 2, service: 'attune-api' });
  expect(request!.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'attune.request.id': 'asked-1',
  });
  const [operation] = named(spans, 'query Mine');
  expect(operation).toMatchObject({ parentSpanId: request!.spanId, status: {} });
  expect(operation!.attributes).toMatchObject({
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Mine',
    'attune.transport': 'http',
  });
  const statements = named(spans, /^SELECT .*experiments/);
  expect(statements.length).toBeGreaterThan(0);
  for (const { parentSpanId, attributes, kind } of statements) {
    expect(parentSpanId).toBe(operation!.spanId);
    expect(kind).toBe(3);
    expect(attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.operation.name': 'select' });
  }
  expect(collector.text()).not.toContain('a-name-of-mine');
});

test('errors are told by their codes, and lines of the log name the trace', async () => {
  await using collector = await startCollector();
  const traced = await started(collector);
  await traced.dataSource.query('ALTER TABLE evaluations RENAME TO evaluations_away');
  await post(traced, 'query Failing { project { evaluations { totalCount } } }', place());
  await post(traced, 'query Unknown { nothing }', place());
  const line = traced.log.find(({ msg }) => msg === 'An operation failed');
  await stop();
  const spans = collector.spans();
  expect(named(spans, 'query Failing')[0]).toMatchObject({
    status: { code: 2, message: 'INTERNAL_SERVER_ERROR' },
    attributes: { 'error.type': 'INTERNAL_SERVER_ERROR' },
  });
  expect(named(spans, /^SELECT/).some(({ attributes }) => attributes['error.type'] === '42P01')).toBe(true);
  expect(named(spans, 'GraphQL operation')[0]).toMatchObject({ status: { message: 'GRAPHQL_VALIDATION_FAILED' } });
  expect(line).toMatchObject({ traceId, spanId: named(spans, 'query Failing')[0]!.spanId });
});

test('what a client does not keep is not sent; a place that is not well formed begins a trace', async () => {
  await using collector = await startCollector();
  const traced = await started(collector);
  await post(traced, '{ __typename }', place('00'));
  const bad = ['00-xyz', `ff-${traceId}-${parentId}-01`, `00-${'0'.repeat(32)}-${parentId}-01`];
  for (const traceparent of bad) await post(traced, '{ __typename }', { traceparent });
  await stop();
  const requests = collector.spans().filter(({ name }) => name === 'POST /graphql');
  expect(requests).toHaveLength(bad.length);
  for (const { traceId: own, parentSpanId } of requests) {
    expect(own).not.toBe(traceId);
    expect(parentSpanId ?? '').toBe('');
  }
});

test.each(['websocket', 'events'] as const)(
  'a change of state is delivered in the trace of its job, linked to the subscriber’s, over %s',
  async (transport) => {
    await using collector = await startCollector();
    const traced = await started(collector);
    const { id, runId } = await createTestExperiment(traced, { name: 'followed' });
    const [{ traceparent }] = await traced.dataSource.query('SELECT traceparent FROM jobs WHERE run_id = $1', [runId]);
    const [, ofJob, queueing] = traceparent.split('-');
    const streams = createStreams({ url: `${traced.url}/graphql`, retryAttempts: 0, headers: place() });
    const client = transport === 'websocket' ? traced.connect(place()) : streams;
    const events = client.iterate({ query: watch, variables: { id } });
    await events.next();
    await enter(traced.dataSource, runId, 'PREPARING', 'TRAINING');
    await record(
      traced.dataSource,
      runId,
      [1, 2, 3].map((step) => metrics(step, { 'train/loss': 0.5 })),
    );
    await enter(traced.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
    while ((await events.next()).done !== true);
    streams.dispose();
    await stop();
    const spans = collector.spans();
    expect(named(spans, 'queue train', ofJob)[0]!.spanId).toBe(queueing);
    const [subscription] = named(spans, 'subscription Watch');
    expect(subscription!.attributes).toMatchObject({ 'attune.subscription.field': 'experimentEvents' });
    const delivered = named(spans, 'deliver experimentEvents', ofJob);
    expect(delivered.map(({ attributes }) => attributes['attune.status']).sort()).toEqual([
      'EVALUATING',
      'PREPARING',
      'QUEUED',
      'SUCCEEDED',
      'TRAINING',
    ]);
    for (const { parentSpanId, links } of delivered) {
      expect(parentSpanId).toBe(queueing);
      expect(links).toEqual([expect.objectContaining({ traceId, spanId: subscription!.spanId })]);
    }
  },
);

test('an operation of a WebSocket may be in another trace than its connection', async () => {
  await using collector = await startCollector();
  const traced = await started(collector);
  const other = 'a'.repeat(32);
  const events = traced.connect(place()).iterate({ query: 'query Own { __typename }', extensions: place('01', other) });
  await events.next();
  await stop();
  expect(named(collector.spans(), 'query Own', other)).toHaveLength(1);
});

test('a collector that is away fails no request and keeps no process from its end', async () => {
  const traced = await start('http://127.0.0.1:9/v1/traces');
  expect((await post(traced, '{ __typename }', place())).status).toBe(200);
  const { log } = traced;
  const before = performance.now();
  await stop();
  expect(performance.now() - before).toBeLessThan(10_000);
  expect(log.some(({ msg }) => String(msg).includes('Traces'))).toBe(true);
});
