import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { GenerationEvent } from '../../../src/protocol/generation.js';
import { insertKey, insertMember } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type GeneratingWorker, startGeneratingWorker } from '../../support/generating-worker.js';
import { said, started } from '../../support/generations.js';
import { ids, insertBaseModel, tinyBert, tinyLlama } from '../../support/rows.js';

let database: TestDatabase;
let api: TestApi;
let worker: GeneratingWorker;
let modelId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi({ database });
  worker = await startGeneratingWorker(database.url);
  const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'llama', manifest: tinyLlama });
  modelId = ids.baseModel(model);
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await api?.close();
  await database?.drop();
});

const fields = /* GraphQL */ `
  id status canceling lastSeq promptTokens model { name } author { name } project { slug }
  prompts { text messages { role content } }
  settings { samples maxTokens sampling { temperature topK topP seed } output { jsonSchema choices } weights }
  answers { prompt sample text finishReason stop tokenCount tokens { tokenId text logProbability top { text } } }
  times { firstTokenMs loadMs tokenCount generatingMs tokensPerSecond }
  problem { code }`;
const problems = '... on Problems { problems { path code message hint } }';
const generate = `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Generation { ${fields} } ${problems} } }`;

interface Generated {
  readonly id: string;
  readonly status: string;
  readonly problems?: { readonly code: string; readonly path: string[] }[];
  readonly [field: string]: unknown;
}

async function ask(input: Record<string, unknown>): Promise<Generated> {
  const asked = { modelId, prompts: [{ text: 'once' }], ...input };
  return (await api.request<{ generate: Generated }>(generate, { input: asked })).generate;
}

const read = async (id: string): Promise<Generated> =>
  (
    await api.request<{ node: Generated }>(`query ($id: ID!) { node(id: $id) { ... on Generation { ${fields} } } }`, {
      id,
    })
  ).node;

async function change(id: string, set: string): Promise<void> {
  await api.dataSource.query(`UPDATE generations SET ${set} WHERE id = $1`, [parseGlobalId(id)!.uuid]);
}

const answered = (sample: number, tokenCount: number): GenerationEvent => ({
  kind: 'answered',
  prompt: 0,
  sample,
  reason: 'length',
  tokenCount,
  stop: null,
});

test('the answer waits for the end, and has the texts, their tokens and how long they took', async () => {
  const sampling = { temperature: 0.5, seed: 4294967295 };
  const asking = ask({
    prompts: [{ messages: [{ role: 'user', content: 'Hello' }] }],
    sampling,
    samples: 2,
    maxTokens: 3,
  });
  const { job, say, succeed } = await worker.claim();
  expect(job).toMatchObject({
    prompts: [{ kind: 'messages', messages: [{ role: 'user', content: 'Hello' }] }],
    settings: { samples: 2, maxTokens: 3, sampling: { temperature: 0.5, topP: 1, topK: null, seed: 4294967295 } },
  });
  await say(started, said(0, ' upon'), { ...said(0, 'b'), sample: 1 } as GenerationEvent);
  await say(said(1, ' a', ' time'), answered(0, 3), {
    ...answered(1, 1),
    reason: 'stop',
    stop: '.',
  } as GenerationEvent);
  await succeed();
  expect(await asking).toMatchObject({
    status: 'SUCCEEDED',
    canceling: false,
    lastSeq: 7,
    promptTokens: [1],
    model: { name: 'llama' },
    author: { name: 'owner' },
    project: { slug: 'default' },
    prompts: [{ text: null, messages: [{ role: 'user', content: 'Hello' }] }],
    settings: { samples: 2, sampling: { seed: 4294967295 }, output: null, weights: 'FLOAT32' },
    answers: [
      {
        prompt: 0,
        sample: 0,
        text: ' upon a time',
        finishReason: 'LENGTH',
        stop: null,
        tokenCount: 3,
        tokens: [{ text: ' upon', logProbability: null, top: [] }, { text: ' a' }, { text: ' time' }],
      },
      { prompt: 0, sample: 1, text: 'b', finishReason: 'STOP', stop: '.', tokenCount: 1 },
    ],
    times: { firstTokenMs: 50, loadMs: 20, tokenCount: 5, generatingMs: 80, tokensPerSecond: 50 },
    problem: null,
  });
  const { serverInfo } = await api.request<{ serverInfo: { workers: object[] } }>(
    '{ serverInfo { workers { generationSpeed { generationCount firstTokenMs tokensPerSecond } } } }',
  );
  expect(serverInfo.workers).toEqual([
    { generationSpeed: { generationCount: 1, firstTokenMs: 50, tokensPerSecond: 50 } },
  ]);
});

const events = /* GraphQL */ `
  subscription ($id: ID!, $afterSeq: Int! = 0) {
    generationEvents(generationId: $id, afterSeq: $afterSeq) {
      __typename
      ... on SequencedGenerationEvent { seq at }
      ... on GenerationStarted { promptTokens }
      ... on TokensGenerated { prompt sample position text tokens { text } }
      ... on AnswerFinished { finishReason tokenCount }
      ... on GenerationEnded { status problem { code } }
    }
  }`;

interface Event {
  readonly seq: number;
  readonly __typename: string;
  readonly text?: string;
}

async function* follow(id: string, afterSeq = 0, overSocket = false): AsyncGenerator<Event> {
  const client = overSocket ? api.connect() : createClient({ url: `${api.url}/graphql`, retryAttempts: 0 });
  const asked = { query: events, variables: { id, afterSeq } };
  for await (const { data, errors } of client.iterate(asked)) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    yield (data as unknown as { generationEvents: Event }).generationEvents;
  }
}

async function all(following: AsyncGenerator<Event>): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of following) seen.push(event);
  return seen;
}

test('its events are followed as they come, over both ways, and resumed anywhere without a gap', async () => {
  const { id, status, lastSeq } = await ask({ wait: false });
  expect({ status, lastSeq }).toEqual({ status: 'QUEUED', lastSeq: 0 });
  const [overSse, overSocket] = [follow(id), all(follow(id, 0, true))];
  const next = overSse.next();
  const { say, succeed } = await worker.claim();
  await say(started);
  expect(await next).toMatchObject({ value: { __typename: 'GenerationStarted', seq: 1, promptTokens: [1] } });
  await say(said(0, 'a'));
  expect(await overSse.next()).toMatchObject({ value: { __typename: 'TokensGenerated', seq: 2, text: 'a' } });
  await overSse.return(undefined);
  await say(said(1, 'b'), answered(0, 2));
  const late = all(follow(id, 2));
  await succeed();
  const rest = [
    { seq: 3, __typename: 'TokensGenerated', position: 1, text: 'b' },
    { seq: 4, __typename: 'AnswerFinished', finishReason: 'LENGTH', tokenCount: 2 },
    { seq: 5, __typename: 'GenerationEnded', status: 'SUCCEEDED', problem: null },
  ];
  expect(await late).toMatchObject(rest);
  expect((await overSocket).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  // The log stays.
  expect(await all(follow(id, 2))).toMatchObject(rest);
  const page = `query ($id: ID!) { node(id: $id) { ... on Generation {
    events(afterSeq: 1, first: 2) { lastSeq hasMore events { ... on SequencedGenerationEvent { seq } } } } } }`;
  expect(await api.request(page, { id })).toEqual({
    node: { events: { lastSeq: 3, hasMore: true, events: [{ seq: 2 }, { seq: 3 }] } },
  });
});

test('after a lost worker the answer is that of the next one alone', async () => {
  const { id } = await ask({ wait: false });
  const lost = await worker.claim();
  await lost.say(started, said(0, 'x', 'y'));
  expect(await read(id)).toMatchObject({ status: 'RUNNING', answers: [{ text: 'xy', finishReason: null }] });
  await api.dataSource.query(`UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = $1`, [lost.claim.job.id]);
  const next = await worker.claim();
  await next.say(started, said(0, 'a'), answered(0, 1));
  await next.succeed();
  expect(await read(id)).toMatchObject({
    status: 'SUCCEEDED',
    lastSeq: 6,
    answers: [{ text: 'a', tokenCount: 1, finishReason: 'LENGTH' }],
  });
});

test('a caller that goes away cancels what it waits for', async () => {
  const leaving = new AbortController();
  const asking = fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: generate,
      variables: { input: { modelId, prompts: [{ text: 'left' }], idempotencyKey: 'left' } },
    }),
    signal: leaving.signal,
  });
  const refused = expect(asking).rejects.toThrow();
  const { job, say, stop } = await worker.claim();
  await say(started, said(0, 'a'));
  leaving.abort();
  await refused;
  const state = async () =>
    (await api.dataSource.query('SELECT desired FROM generations WHERE id = $1', [job.generationId]))[0].desired;
  await expect.poll(state).toBe('CANCEL');
  await stop();
  // Whoever repeats the call learns how it ended.
  expect(await ask({ prompts: [{ text: 'left' }], idempotencyKey: 'left' })).toMatchObject({ status: 'CANCELED' });
});

test('whoever follows or reads the events is a listener', async () => {
  const { id } = await ask({ wait: false });
  const left = async () => {
    const [row] = await api.dataSource.query(
      'SELECT extract(epoch FROM listened_until - now())::float8 AS seconds FROM generations WHERE id = $1',
      [parseGlobalId(id)!.uuid],
    );
    return row.seconds as number;
  };
  // Time for the first listener to come.
  expect(await left()).toBeGreaterThan(20);
  await change(id, `listened_until = now() + interval '1 s'`);
  await api.request('query ($id: ID!) { node(id: $id) { ... on Generation { events { lastSeq } } } }', { id });
  expect(await left()).toBeGreaterThan(8);
  await change(id, `listened_until = now() + interval '1 s'`);
  const following = follow(id);
  const first = following.next();
  await expect.poll(left).toBeGreaterThan(8);
  await change(id, `listened_until = now() - interval '1 s'`);
  // It is not begun, and the log says so.
  const { id: other } = await ask({ wait: false, keepWithoutListeners: true });
  const { job, succeed } = await worker.claim();
  expect(job.generationId).toBe(parseGlobalId(other)!.uuid);
  expect(await first).toMatchObject({ value: { __typename: 'GenerationEnded', seq: 1, status: 'CANCELED' } });
  expect(await read(id)).toMatchObject({ status: 'CANCELED' });
  await following.return(undefined);
  await succeed();
});

const cancel = `mutation ($id: ID!) { cancelGeneration(input: { generationId: $id }) {
  ... on Generation { status canceling } ${problems} } }`;

test('it is canceled by request: at once while it waits, by its worker while it runs, and not when it has ended', async () => {
  const { id } = await ask({ wait: false });
  for (let time = 1; time <= 2; time += 1) {
    expect(await api.request(cancel, { id })).toEqual({ cancelGeneration: { status: 'CANCELED', canceling: false } });
  }
  const { id: running } = await ask({ wait: false });
  const { say, stop } = await worker.claim();
  await say(started, said(0, 'a'));
  expect(await api.request(cancel, { id: running })).toEqual({
    cancelGeneration: { status: 'RUNNING', canceling: true },
  });
  await stop();
  expect(await read(running)).toMatchObject({ status: 'CANCELED', answers: [{ text: 'a', finishReason: null }] });
  const { id: ended } = await ask({ wait: false });
  await (await worker.claim()).succeed();
  expect(await api.request(cancel, { id: ended })).toMatchObject({
    cancelGeneration: { problems: [{ path: ['generationId'], code: 'CONFLICT' }] },
  });
});

test('a viewer of the project generates, and cancels only what is theirs', async () => {
  const userId = await viewerOf();
  const { secret } = await insertKey(api.dataSource, userId, { scopes: ['READ'] });
  const { id } = await ask({ wait: false });
  const refused = await api.send(cancel, { id }, secret);
  expect(refused.body.data).toMatchObject({ cancelGeneration: { problems: [{ code: 'FORBIDDEN' }] } });
  const own = await api.send<{ generate: Generated }>(
    generate,
    { input: { modelId, prompts: [{ text: 'mine' }], wait: false } },
    secret,
  );
  const mine = own.body.data!.generate.id;
  expect((await api.send(cancel, { id: mine }, secret)).body.data).toMatchObject({
    cancelGeneration: { status: 'CANCELED' },
  });
  const { project } = await api.request<{ project: { generations: object } }>(
    `query ($model: ID!, $author: ID!) { project { generations(filter: { modelId: [$model], author: [$author], status: [CANCELED] }) {
      totalCount nodes { id prompts { text } } } } }`,
    { model: modelId, author: Buffer.from(`User:${userId}`).toString('base64') },
  );
  expect(project.generations).toEqual({ totalCount: 1, nodes: [{ id: mine, prompts: [{ text: 'mine' }] }] });
  await api.request(cancel, { id });
});

async function viewerOf(): Promise<string> {
  const member = await insertMember(api.dataSource, api.projectId);
  const [{ user }] = await api.dataSource.query('SELECT user_id AS user FROM members WHERE id = $1', [member]);
  return user;
}

test('a problem that the worker finds is the answer', async () => {
  const asking = ask({});
  const problem = { path: [], code: 'PROMPT_TOO_LONG', message: '300 tokens', hint: null };
  await (await worker.claim()).fail(problem);
  expect(await asking).toMatchObject({ problems: [{ code: 'PROMPT_TOO_LONG', message: '300 tokens' }] });
});

test.each([
  ['no prompt', { prompts: [] }, ['prompts'], 'REQUIRED'],
  ['too many prompts', { prompts: Array(65).fill({ text: 'a' }) }, ['prompts'], 'TOO_LONG'],
  ['a prompt that is too long', { prompts: [{ text: 'a'.repeat(200_001) }] }, ['prompts', '0'], 'TOO_LONG'],
  ['a conversation of nothing', { prompts: [{ messages: [] }] }, ['prompts', '0', 'messages'], 'REQUIRED'],
  ['too many answers', { prompts: Array(33).fill({ text: 'a' }), samples: 4 }, ['samples'], 'TOO_LONG'],
  ['a negative temperature', { sampling: { temperature: -1 } }, ['sampling', 'temperature'], 'INVALID_VALUE'],
  ['topP of 0', { sampling: { topP: 0 } }, ['sampling', 'topP'], 'INVALID_VALUE'],
  ['no tokens', { maxTokens: 0 }, ['maxTokens'], 'INVALID_VALUE'],
  ['an empty stop string', { stop: ['.', ''] }, ['stop', '1'], 'INVALID_VALUE'],
  ['equal choices', { output: { choices: ['a', 'a'] } }, ['output', 'choices', '1'], 'INVALID_VALUE'],
  ['a schema that is a list', { output: { jsonSchema: [] } }, ['output', 'jsonSchema'], 'INVALID_VALUE'],
  ['21 log-probabilities', { topLogProbabilities: 21 }, ['topLogProbabilities'], 'INVALID_VALUE'],
])('%s is refused by its path', async (_, input, path, code) => {
  expect((await ask(input)).problems).toMatchObject([{ path, code }]);
});

test('a model that writes no texts is refused, and so is every model while there is no worker', async () => {
  const bert = await insertBaseModel(api.dataSource, api.projectId, { name: 'bert', manifest: tinyBert });
  expect((await ask({ modelId: ids.baseModel(bert) })).problems).toMatchObject([
    { path: ['modelId'], code: 'UNSUPPORTED_MODEL' },
  ]);
  await api.dataSource.query(`UPDATE workers SET last_seen_at = now() - interval '1 hour'`);
  expect((await ask({})).problems).toMatchObject([{ path: [], code: 'WORKER_UNAVAILABLE' }]);
  await api.dataSource.query('UPDATE workers SET last_seen_at = now()');
});

test('a project has a limited number of generations that wait', async () => {
  await api.dataSource.query(
    `INSERT INTO generations (id, project_id, base_model_id, prompts, settings, status)
     SELECT gen_random_uuid(), $1, $2, '[]', '{"samples": 1}', 'QUEUED' FROM generate_series(1, 100)`,
    [api.projectId, parseGlobalId(modelId)!.uuid],
  );
  expect((await ask({})).problems).toMatchObject([{ code: 'QUOTA_EXCEEDED' }]);
  await api.dataSource.query(`DELETE FROM generations WHERE prompts = '[]'`);
});
