import { createClient as createStreamClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openRawSocket } from '../../support/raw-socket.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';

let api: TestApi;
let keys: { readonly owner: string; readonly member: string; readonly other: string };
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  const keyOf = async (name: string, role: 'OWNER' | 'VIEWER') => {
    const userId = await insertUser(api.dataSource, name, { roles: { [api.projectId]: role } });
    return (await insertKey(api.dataSource, userId)).secret;
  };
  keys = {
    owner: await keyOf('ann', 'OWNER'),
    member: await keyOf('ben', 'VIEWER'),
    other: await keyOf('cleo', 'VIEWER'),
  };
});
afterAll(() => api?.close());

type Answer = { readonly data?: Record<string, unknown> | null; readonly errors?: readonly unknown[] };

/** All answers of a subscription, over one way or the other, until it completes. */
async function all(
  way: 'socket' | 'stream',
  key: string,
  query: string,
  variables: Record<string, unknown>,
  until: (answers: readonly Answer[]) => boolean = () => false,
): Promise<readonly Answer[]> {
  const authorization = `Bearer ${key}`;
  const client =
    way === 'socket'
      ? createClient({
          url: `${api.url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          connectionParams: { authorization },
          retryAttempts: 0,
        })
      : createStreamClient({ url: `${api.url}/graphql`, headers: { authorization }, retryAttempts: 0 });
  const answers: Answer[] = [];
  for await (const answer of client.iterate({ query, variables })) {
    answers.push(answer as Answer);
    if (until(answers)) break;
  }
  await client.dispose();
  return answers;
}

const selections = [
  '__typename ... on SequencedEvent { seq }',
  '__typename ... on SequencedEvent { seq at attempt } ... on MetricsRecorded { step samples { key value nonFinite } }',
  '... on MetricsRecorded { n: step samples { key } } ... on LogLine { level message } ... on StatusChanged { from to }',
  '... on SequencedEvent { seq } ... on LogLine { message @include(if: $with) } ... on ProgressMade { step etaSeconds }',
];
const kindsAsked = [null, null, ['METRICS_RECORDED'], ['LOG_LINE', 'STATUS_CHANGED']];

/** What the log holds, by a query: the executor without any sharing. */
async function logged(selection: string, variables: Record<string, unknown>): Promise<unknown[]> {
  const { experiment } = await api.request<{ experiment: { events: { events: unknown[] } } }>(
    `query ($id: ID!, $afterSeq: Int!, $kinds: [EventKind!], $with: Boolean = false) { experiment(id: $id) {
      events(afterSeq: $afterSeq, first: 400, kinds: $kinds) { events { ${selection} } } } }`,
    variables,
  );
  return experiment.events.events;
}

test('whoever follows a run, whatever of it, from wherever and since whenever: each gets what the log has', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'followed by many' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  let seed = 11;
  const draw = (most: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % most;
  };
  const followers: { selection: string; variables: Record<string, unknown>; answers: Promise<readonly Answer[]> }[] =
    [];
  const follow = (most: number): void => {
    const selection = `__typename @include(if: $with) ${selections[draw(selections.length)]}`;
    const variables = { id, afterSeq: draw(most), kinds: kindsAsked[draw(kindsAsked.length)]!, with: draw(2) === 0 };
    const query = `subscription ($id: ID!, $afterSeq: Int, $kinds: [EventKind!], $with: Boolean = false) {
      experimentEvents(experimentId: $id, afterSeq: $afterSeq, kinds: $kinds) { ${selection} } }`;
    const key = Object.values(keys)[draw(3)]!;
    followers.push({ selection, variables, answers: all(draw(3) === 0 ? 'stream' : 'socket', key, query, variables) });
  };
  let last = 3;
  for (let step = 1; step <= 60; step += 1) {
    if (step % 2 === 0) follow(last + 1);
    const values = { 'train/loss': step % 7 === 0 ? Number.NaN : 1 / step };
    last = (await record(api.dataSource, runId, [
      metrics(step, values),
      { kind: 'logLine', level: 'INFO', message: `“step” ${step} \u2028 ${'ü'.repeat(draw(300))}` },
      { kind: 'progressMade', step, totalSteps: 60, epoch: step / 10, examplesPerSecond: null, etaSeconds: 1.5 },
    ]))!;
  }
  await enter(api.dataSource, runId, 'CANCELED');
  for (const { selection, variables, answers } of followers) {
    const got = (await answers).map(({ data, errors }) => errors ?? data!.experimentEvents);
    expect(got).toEqual(await logged(selection, variables));
    expect(got.length).toBeGreaterThan(0);
  }
});

test('of one event, each sees what their rights allow', async () => {
  const query = `subscription ($after: Int!) { projectActivity(projectSlug: "default", afterSeq: $after) {
    ... on SequencedProjectEvent { seq } ... on MemberChanged { user { name email } } } }`;
  const { project } = await api.request<{ project: { lastEventSeq: number } }>(
    '{ project(slug: "default") { lastEventSeq } }',
  );
  const isWhole = (answers: readonly Answer[]) => answers.length === 3;
  const administrator = await insertKey(
    api.dataSource,
    await insertUser(api.dataSource, 'root', { administrator: true }),
  );
  const asked = [keys.owner, keys.member, administrator.secret, keys.other, administrator.secret].map((key, i) =>
    all(i === 4 ? 'stream' : 'socket', key, query, { after: project.lastEventSeq }, isWhole),
  );
  for (const name of ['x', 'y', 'z']) {
    await insertUser(api.dataSource, name, { roles: { [api.projectId]: 'VIEWER' } });
  }
  const names = (answers: readonly Answer[]) =>
    answers.map(({ data }) => (data!.projectActivity as { user: { name: string; email: string | null } }).user);
  const [owner, member, first, other, second] = await Promise.all(asked);
  const shown = ['x', 'y', 'z'].map((name) => ({ name, email: `${name}@example.org` }));
  const hidden = shown.map(({ name }) => ({ name, email: null }));
  expect(names(first!)).toEqual(shown);
  expect(names(second!)).toEqual(shown);
  for (const answers of [owner!, member!, other!]) {
    expect(names(answers)).toEqual(hidden);
    expect(answers[0]!.errors).toMatchObject([{ path: ['projectActivity', 'user', 'email'] }]);
  }
});

test('whoever loses the right gets nothing more, and all others go on', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'left by one' });
  const userId = await insertUser(api.dataSource, 'leaver', { roles: { [api.projectId]: 'VIEWER' } });
  const { secret } = await insertKey(api.dataSource, userId);
  const query = `subscription { experimentEvents(experimentId: "${id}") { ... on SequencedEvent { seq } } }`;
  const leaver = await openRawSocket(api.url);
  leaver.send({ type: 'connection_init', payload: { authorization: `Bearer ${secret}` } });
  await leaver.next('connection_ack');
  leaver.send({ id: 'l', type: 'subscribe', payload: { query } });
  await leaver.next('next');
  const others = [keys.owner, keys.member, keys.other].map((key) => all('socket', key, query, {}));
  await api.dataSource.query('DELETE FROM members WHERE user_id = $1', [userId]);
  expect(await leaver.next('error', 'next')).toMatchObject({
    id: 'l',
    payload: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  await record(api.dataSource, runId, [metrics(1, { 'train/loss': 1 })]);
  await enter(api.dataSource, runId, 'CANCELED');
  for (const answers of await Promise.all(others)) expect(answers).toHaveLength(3);
  // The answer to a query comes after everything that was sent before.
  leaver.send({ id: 'q', type: 'subscribe', payload: { query: '{ viewer { name } }' } });
  expect(await leaver.next('next')).toMatchObject({ id: 'q' });
  leaver.socket.terminate();
});

test('clients that are killed and come back with their last seq miss nothing and get nothing twice', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'interrupted' });
  const query = `subscription ($id: ID!, $afterSeq: Int!) { experimentEvents(experimentId: $id, afterSeq: $afterSeq) {
    ... on SequencedEvent { seq } } }`;
  const events = 150;
  const reader = async (every: number): Promise<number[]> => {
    const seen: number[] = [];
    for (;;) {
      const socket = await openRawSocket(api.url);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${keys.member}` } });
      await socket.next('connection_ack');
      const afterSeq = seen.at(-1) ?? 0;
      socket.send({ id: 'r', type: 'subscribe', payload: { query, variables: { id, afterSeq } } });
      for (let taken = 0; taken < every; taken += 1) {
        const { type, payload } = await socket.next('next', 'complete');
        if (type === 'complete') return seen;
        seen.push((payload as { data: { experimentEvents: { seq: number } } }).data.experimentEvents.seq);
      }
      socket.socket.terminate();
    }
  };
  const readers = [1, 3, 7, 20, 1000].map(reader);
  for (let step = 1; step <= events; step += 1) {
    await record(api.dataSource, runId, [metrics(step, { 'train/loss': 1 })]);
  }
  await enter(api.dataSource, runId, 'CANCELED');
  for (const seen of await Promise.all(readers)) {
    expect(seen).toEqual(Array.from({ length: events + 2 }, (_, i) => i + 1));
  }
});
