import { EventEmitter, once } from 'node:events';
import { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertWorker } from '../../support/rows.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';

interface Event {
  __typename: string;
  seq: number;
  to?: string;
  samples?: { key: string; value: number | null; nonFinite: string | null }[];
}

const subscription = /* GraphQL */ `
  subscription Follow($id: ID!, $afterSeq: Int! = 0, $kinds: [EventKind!]) {
    experimentEvents(experimentId: $id, afterSeq: $afterSeq, kinds: $kinds) {
      __typename
      ... on SequencedEvent { seq }
      ... on StatusChanged { to }
      ... on MetricsRecorded { samples { key value nonFinite } }
    }
  }
`;

const logLines = /* GraphQL */ `
  subscription ($id: ID!) { experimentEvents(experimentId: $id) { ... on SequencedEvent { seq } ... on LogLine { message } } }
`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

async function* follow(variables: Record<string, unknown>): AsyncGenerator<Event> {
  const results = api.connect().iterate<{ experimentEvents: Event }>({ query: subscription, variables });
  for await (const { data, errors } of results) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    yield data!.experimentEvents;
  }
}

async function take(events: AsyncGenerator<Event>, count: number): Promise<Event[]> {
  const taken: Event[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

async function all(events: AsyncGenerator<Event>): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

test('replays, goes live, and completes after the terminal event', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'followed' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  await record(api.dataSource, runId, [metrics(1, { 'train/loss': 0.5 })]);

  const events = follow({ id });
  expect((await take(events, 4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  const rest = all(events);
  await record(api.dataSource, runId, [metrics(2, { 'train/loss': Number.NaN })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  expect(await rest).toEqual([
    { __typename: 'MetricsRecorded', seq: 5, samples: [{ key: 'train/loss', value: null, nonFinite: 'NAN' }] },
    { __typename: 'StatusChanged', seq: 6, to: 'EVALUATING' },
    { __typename: 'StatusChanged', seq: 7, to: 'SUCCEEDED' },
  ]);
});

test('several subscribers see every event once, wherever they begin', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'busy' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const followers = [0, 2, 3, 0].map((afterSeq) => ({ afterSeq, seen: all(follow({ id, afterSeq })) }));
  for (let step = 1; step <= 100; step += 1)
    await record(api.dataSource, runId, [metrics(step, { 'train/loss': 1 / step })]);
  for (const afterSeq of [7, 50]) followers.push({ afterSeq, seen: all(follow({ id, afterSeq })) });
  await enter(api.dataSource, runId, 'FAILED');
  for (const { afterSeq, seen } of followers) {
    const seqs = (await seen).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 104 - afterSeq }, (_, i) => afterSeq + 1 + i));
  }
});

test('shows only the kinds that are asked for', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'kinds' });
  await record(api.dataSource, runId, [
    { kind: 'logLine', level: 'INFO', message: 'Hello' },
    metrics(1, { 'train/loss': 1 }),
    { kind: 'progressMade', step: 1, totalSteps: 2, epoch: 0.5, examplesPerSecond: null, etaSeconds: null },
  ]);
  await enter(api.dataSource, runId, 'CANCELED');
  const events = await all(follow({ id, kinds: ['METRICS_RECORDED', 'LOG_LINE'] }));
  expect(events.map(({ __typename, seq }) => [__typename, seq])).toEqual([
    ['LogLine', 2],
    ['MetricsRecorded', 3],
  ]);
});

test('of a finished run a late subscriber gets the whole history, one who has it all gets its end', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'over' });
  await enter(api.dataSource, runId, 'CANCELED');
  expect((await all(follow({ id }))).map(({ to }) => to)).toEqual(['QUEUED', 'CANCELED']);
  expect(await all(follow({ id, afterSeq: 2 }))).toEqual([]);
});

test('an experiment that does not exist is NOT_FOUND', async () => {
  const { viewer } = await api.request<{ viewer: { id: string } }>('{ viewer { id } }');
  const results = api.connect().iterate({ query: subscription, variables: { id: viewer.id } });
  expect((await results.next()).value).toMatchObject({
    errors: [{ message: 'There is no experiment with this id.', extensions: { code: 'NOT_FOUND' } }],
  });
  expect((await results.next()).done).toBe(true);
});

test('a subscriber that does not read holds back itself alone, and nothing is piled up for it', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'slow' });
  const lines = 300;
  let sentToSlow = 0;
  const original = Socket.prototype.write;
  const write = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args) {
    const [chunk] = args as unknown[];
    if (Buffer.isBuffer(chunk) && chunk.includes('"id":"slow","type":"next"')) sentToSlow += 1;
    return original.apply(this, args as Parameters<Socket['write']>);
  });
  const slow = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  let received = 0;
  const progress = new EventEmitter();
  const first = once(progress, '1');
  const everything = once(progress, String(lines + 1));
  slow.on('message', (data) => {
    const { type } = JSON.parse(String(data));
    if (type === 'connection_ack') {
      slow.send(JSON.stringify({ id: 'slow', type: 'subscribe', payload: { query: logLines, variables: { id } } }));
    }
    if (type !== 'next') return;
    received += 1;
    progress.emit(String(received));
  });
  await once(slow, 'open');
  slow.send(JSON.stringify({ type: 'connection_init' }));
  await first;
  slow.pause();

  const fast = all(follow({ id }));
  const message = 'x'.repeat(100_000);
  for (let i = 0; i < lines; i += 10) {
    await record(
      api.dataSource,
      runId,
      Array.from({ length: 10 }, () => ({ kind: 'logLine', level: 'INFO', message }) as const),
    );
  }
  await enter(api.dataSource, runId, 'CANCELED');
  // What the fast one has got was there for both: 30 MB, of which the system's own buffers hold a few.
  expect(await fast).toHaveLength(lines + 2);
  expect(sentToSlow).toBeGreaterThan(0);
  expect(sentToSlow).toBeLessThan(lines / 2);
  slow.resume();
  await everything;
  slow.close();
  expect(sentToSlow).toBeGreaterThan(lines);
  write.mockRestore();
});

test('workerStatus reports a worker that comes and one that goes', async () => {
  const results = api.connect().iterate<{ workerStatus: { host: string; status: string } }>({
    query: 'subscription { workerStatus { host status engine { target } } }',
  });
  const first = results.next();
  // Announced until the subscriber is there: nothing tells a client that its subscription has begun.
  const id = await insertWorker(api.dataSource);
  const announce = () => api.dataSource.query(`SELECT pg_notify('attune_workers', $1)`, [id]);
  const timer = setInterval(announce, 20);
  expect((await first).value).toMatchObject({ data: { workerStatus: { host: 'test-host', status: 'ONLINE' } } });
  clearInterval(timer);
  await api.dataSource.query('UPDATE workers SET stopped_at = now() WHERE id = $1', [id]);
  await announce();
  for await (const { data } of { [Symbol.asyncIterator]: () => results }) {
    if (data?.workerStatus.status === 'STOPPED') break;
  }
});

test('a socket that speaks before it is acknowledged, or too much, is closed', async () => {
  const url = `${api.url.replace('http', 'ws')}/graphql`;
  const early = new WebSocket(url, 'graphql-transport-ws');
  await once(early, 'open');
  early.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ viewer { id } }' } }));
  expect((await once(early, 'close'))[0]).toBe(4401);

  const large = new WebSocket(url, 'graphql-transport-ws');
  await once(large, 'open');
  large.send('x'.repeat(2 ** 20 + 1));
  expect((await once(large, 'close'))[0]).toBe(1009);
});

test('closing the server tells subscribers to go away, not that the run is over', async () => {
  const own = await startTestApi();
  const { id } = await createTestExperiment(own, { name: 'cut off' });
  const socket = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const types: string[] = [];
  const received = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data));
      types.push(type);
      if (type === 'connection_ack')
        socket.send(
          JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription, variables: { id } } }),
        );
      if (type === 'next') resolve();
    });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await received;
  const closed = once(socket, 'close');
  await own.close();
  const [code] = await closed;
  expect(code).toBe(1001);
  expect(types).toEqual(['connection_ack', 'next']);
});
