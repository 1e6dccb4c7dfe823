import { afterAll, beforeAll, expect, test } from 'vitest';
import { FollowExperiment } from '../../../clients/command-line/generated/operations.js';
import type { SubscriptionDocument } from '../../../clients/typescript/index.js';
import { type AttuneClient, ConnectionError, createClient, RefusedError } from '../../../clients/typescript/node.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

// Events over a line that breaks: each once, in order.

const quick = { maxRetries: 100, shortestMs: 5, longestMs: 20 };

let api: TestApi;
let proxy: TcpProxy;
let client: AttuneClient;
beforeAll(async () => {
  api = await startTestApi();
  proxy = await startTcpProxy(api.url);
  client = createClient({ url: proxy.url, retry: quick });
});
afterAll(async () => {
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await api?.close();
});

const from1To = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test('a line that is cut again and again loses and doubles nothing', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'on a bad line' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const breaks: unknown[] = [];
  let resumed = 0;
  const seen: number[] = [];
  const reading = (async () => {
    const events = client.subscribe(
      FollowExperiment,
      { id, afterSeq: 0 },
      { onInterrupted: (cause) => breaks.push(cause), onResumed: () => resumed++ },
    );
    for await (const { seq } of events) {
      seen.push(seq);
      // In the middle of what is replayed, and of what is live.
      if (seq % 25 === 0) proxy.cut();
    }
  })();
  for (let step = 1; step <= 300; step++)
    await record(api.dataSource, runId, [metrics(step, { 'train/loss': 1 / step })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  await reading;
  expect(seen).toEqual(from1To(305));
  expect(breaks.length).toBeGreaterThan(5);
  expect(breaks.every((cause) => cause instanceof ConnectionError)).toBe(true);
  expect(resumed).toBe(breaks.length);
});

test('it goes on at another process of the API, from the last event', async () => {
  await using second = await startTestApi({
    database: { url: api.databaseUrl, drop: async () => {}, [Symbol.asyncDispose]: async () => {} },
  });
  const { id, runId } = await createTestExperiment(api, { name: 'moved' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const events = client.subscribe(FollowExperiment, { id, afterSeq: 1 });
  expect((await events.next()).value?.seq).toBe(2);
  proxy.target = second.url;
  proxy.cut();
  await record(api.dataSource, runId, [metrics(1, { 'train/loss': 1 })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  const rest: number[] = [];
  for await (const { seq } of events) rest.push(seq);
  expect(rest).toEqual([3, 4, 5, 6]);
  proxy.target = api.url;
});

test('it gives up when told to, with what to do', async () => {
  const { id } = await createTestExperiment(api, { name: 'given up' });
  proxy.target = null;
  const events = client.subscribe(FollowExperiment, { id, afterSeq: 0 }, { maxRetries: 2 });
  const failure = await events.next().catch((error: unknown) => error);
  proxy.target = api.url;
  expect(failure).toBeInstanceOf(ConnectionError);
  expect(failure).toMatchObject({
    message: expect.stringContaining(proxy.url),
    hint: expect.stringContaining('WebSocket'),
  });
});

test('what the server refuses is not tried again', async () => {
  const before = proxy.opened;
  const { id } = await createTestExperiment(api, { name: 'short log' });
  const beyond = client.subscribe(FollowExperiment, { id, afterSeq: 999 });
  await expect(beyond.next()).rejects.toBeInstanceOf(RefusedError);
  await using stranger = createClient({ url: proxy.url, apiKey: 'attune_wrong', retry: quick });
  const refused = stranger.subscribe(FollowExperiment, { id, afterSeq: 0 });
  await expect(refused.next()).rejects.toMatchObject({ name: 'RefusedError', code: 'UNAUTHENTICATED' });
  expect(proxy.opened - before).toBeLessThanOrEqual(2);
});

test('a signal ends it at once: while it waits for an event, and while there is no connection', async () => {
  const { id } = await createTestExperiment(api, { name: 'stopped' });
  for (const target of [api.url, null]) {
    proxy.target = target;
    proxy.cut();
    const stopped = new AbortController();
    const events = client.subscribe(FollowExperiment, { id, afterSeq: 1 }, { signal: stopped.signal });
    const next = events.next();
    const reason = new Error(`enough of ${target}`);
    setTimeout(() => stopped.abort(reason), 30);
    await expect(next).rejects.toBe(reason);
  }
  proxy.target = api.url;
});

interface Activity {
  readonly projectActivity: { readonly __typename: string; readonly seq: number; readonly name?: string };
}

const followProject: SubscriptionDocument<Activity, { projectSlug: string | null; afterSeq?: number | null }> = {
  kind: 'subscription',
  name: 'FollowProject',
  resumes: 'SEQ_OR_NOW',
  text: `subscription FollowProject($projectSlug: String, $afterSeq: Int) {
    projectActivity(projectSlug: $projectSlug, afterSeq: $afterSeq, kinds: [EXPERIMENT_CREATED]) {
      __typename ... on SequencedProjectEvent { seq } ... on ExperimentCreated { name }
    }
  }`,
};

test('from now on begins where the log ends, and misses nothing of a break before the first event', async () => {
  await createTestExperiment(api, { name: 'before' });
  let isCut = (): void => undefined;
  const cut = new Promise<void>((resolve) => {
    isCut = resolve;
  });
  const events = client.subscribe(followProject, { projectSlug: 'default' }, { onInterrupted: () => isCut() });
  const opened = proxy.opened;
  const first = events.next();
  await expect.poll(() => proxy.opened).toBeGreaterThan(opened + 1);
  proxy.target = null;
  proxy.cut();
  await cut;
  await createTestExperiment(api, { name: 'while it was cut' });
  proxy.target = api.url;
  expect((await first).value).toMatchObject({ __typename: 'ExperimentCreated', name: 'while it was cut' });
  await events.return();
});
