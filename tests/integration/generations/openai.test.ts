import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerUserId } from '../../../src/access/viewer.js';
import type { GeneratedToken, GenerationEvent } from '../../../src/protocol/generation.js';
import { insertKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { type GeneratingWorker, startGeneratingWorker } from '../../support/generating-worker.js';
import { said, started } from '../../support/generations.js';
import { ids, insertBaseModel, tinyBert, tinyLlama } from '../../support/rows.js';

/** OpenAI's own client against the endpoint, with a worker whose texts the tests write. */

let database: TestDatabase;
let api: TestApi;
let worker: GeneratingWorker;
let secret: string;
let model: string;
let openai: OpenAI;
beforeAll(async () => {
  database = await createTestDatabase();
  api = await startTestApi({ database });
  worker = await startGeneratingWorker(database.url);
  model = await insertBaseModel(api.dataSource, api.projectId, { name: 'llama', manifest: tinyLlama });
  await insertBaseModel(api.dataSource, api.projectId, { name: 'bert', manifest: tinyBert });
  secret = (await insertKey(api.dataSource, ownerUserId, { scopes: ['READ'] })).secret;
  openai = clientOf(secret);
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await api?.close();
  await database?.drop();
});

const clientOf = (apiKey: string) => new OpenAI({ apiKey, baseURL: `${api.url}/v1`, maxRetries: 0 });
const hello = [{ role: 'user' as const, content: 'Hello' }];

const answered = (
  sample: number,
  tokenCount: number,
  reason: 'stop' | 'length' | 'endOfText' = 'endOfText',
): GenerationEvent => ({
  kind: 'answered',
  prompt: 0,
  sample,
  reason,
  tokenCount,
  stop: null,
});
const of = (sample: number, event: GenerationEvent) => ({ ...event, sample }) as GenerationEvent;

/** A token with its log-probability and that of another. */
const measured = (text: string): GeneratedToken => ({
  id: 1,
  text,
  logProbability: -0.5,
  top: [
    { id: 1, text, logProbability: -0.5 },
    { id: 2, text: '�', logProbability: -1.5 },
  ],
});

describe('chat completions', () => {
  test('whole: settings by their names, each answer, and usage', async () => {
    const asking = openai.chat.completions.create({
      model: 'llama',
      messages: [
        { role: 'developer', content: 'Be short.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Hel' },
            { type: 'text', text: 'lo' },
          ],
        },
      ],
      n: 2,
      temperature: 0.2,
      top_p: 0.9,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      seed: 2 ** 32 + 7,
      stop: 'END',
      max_completion_tokens: 5,
      response_format: { type: 'json_schema', json_schema: { name: 'any', schema: { type: 'array' } } },
      user: 'somebody',
      logit_bias: {},
    });
    const { job, say, succeed } = await worker.claim();
    expect(job).toMatchObject({
      prompts: [
        {
          kind: 'messages',
          messages: [
            { role: 'system', content: 'Be short.' },
            { role: 'user', content: 'Hello' },
          ],
        },
      ],
      settings: {
        samples: 2,
        maxTokens: 5,
        stop: ['END'],
        topLogProbabilities: null,
        constraint: { kind: 'jsonSchema', schema: { type: 'array' } },
        sampling: { temperature: 0.2, topP: 0.9, presencePenalty: 0.5, frequencyPenalty: -0.5, seed: 7, topK: null },
      },
    });
    await say({ kind: 'started', promptTokens: [9] }, said(0, '[', ']'), of(1, said(0, '[')));
    await say(answered(0, 2), answered(1, 1, 'length'));
    await succeed();
    expect(await asking).toMatchObject({
      id: `chatcmpl-${job.generationId}`,
      object: 'chat.completion',
      model: 'llama',
      created: expect.any(Number),
      choices: [
        { index: 0, message: { role: 'assistant', content: '[]' }, finish_reason: 'stop', logprobs: null },
        { index: 1, message: { role: 'assistant', content: '[' }, finish_reason: 'length' },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
    });
  });

  test('in parts as they come, with usage at the end', async () => {
    const stream = openai.chat.completions.create({
      model: 'llama',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const { job, say, succeed } = await worker.claim();
    expect(job.settings).toMatchObject({ maxTokens: null, sampling: { temperature: 1 } });
    await say(started);
    const chunks = (await stream)[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
    });
    await say(said(0, 'Hi'));
    expect((await chunks.next()).value.choices).toMatchObject([{ index: 0, delta: { content: 'Hi' } }]);
    await say(said(1, '!'), answered(0, 2));
    expect((await chunks.next()).value.choices).toMatchObject([{ delta: { content: '!' }, finish_reason: null }]);
    expect((await chunks.next()).value.choices).toMatchObject([{ delta: {}, finish_reason: 'stop' }]);
    await succeed();
    expect((await chunks.next()).value).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
    expect((await chunks.next()).done).toBe(true);
  });

  test('a stream is Server-Sent Events that end with [DONE]', async () => {
    const asking = fetch(`${api.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'llama', messages: hello, stream: true }),
    });
    const { say, succeed } = await worker.claim();
    await say(started, said(0, 'Hi'), answered(0, 1));
    await succeed();
    const answer = await asking;
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const parts = (await answer.text()).trimEnd().split('\n\n');
    expect(parts).toHaveLength(4);
    expect(parts.at(-1)).toBe('data: [DONE]');
    expect(JSON.parse(parts[1]!.slice('data: '.length)).choices).toEqual([
      { index: 0, delta: { content: 'Hi' }, logprobs: null, finish_reason: null },
    ]);
  });

  test('log-probabilities, whole and in parts', async () => {
    const settings = { model: 'llama', messages: hello, logprobs: true, top_logprobs: 2 };
    const tokens: GenerationEvent = { ...said(0), tokens: [measured('Hi')], text: 'Hi' } as GenerationEvent;
    const content = [
      {
        token: 'Hi',
        logprob: -0.5,
        bytes: [72, 105],
        top_logprobs: [
          { token: 'Hi', logprob: -0.5, bytes: [72, 105] },
          // A part of a character.
          { token: '�', logprob: -1.5, bytes: null },
        ],
      },
    ];
    const whole = openai.chat.completions.create(settings);
    const first = await worker.claim();
    expect(first.job.settings.topLogProbabilities).toBe(2);
    await first.say(started, tokens, answered(0, 1));
    await first.succeed();
    expect((await whole).choices[0]!.logprobs).toEqual({ content });
    const parts = openai.chat.completions.create({ ...settings, stream: true });
    const second = await worker.claim();
    await second.say(started, tokens, answered(0, 1));
    await second.succeed();
    const seen = [];
    for await (const { choices } of await parts) seen.push(...choices.map(({ logprobs }) => logprobs));
    expect(seen).toEqual([null, { content }, null]);
  });

  test('a key that is revoked ends its stream, and the generation', async () => {
    const key = await insertKey(api.dataSource, ownerUserId, { scopes: ['READ'] });
    const stream = clientOf(key.secret).chat.completions.create({ model: 'llama', messages: hello, stream: true });
    const { job, say, stop } = await worker.claim();
    await say(started, said(0, 'Hi'));
    const parts = (await stream)[Symbol.asyncIterator]();
    await parts.next();
    expect((await parts.next()).value!.choices[0]!.delta.content).toBe('Hi');
    await api.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.id]);
    await expect(parts.next()).rejects.toThrow('has ended');
    const desired = async () =>
      (await api.dataSource.query('SELECT desired FROM generations WHERE id = $1', [job.generationId]))[0].desired;
    await expect.poll(desired).toBe('CANCEL');
    await stop();
  });

  test('a client that goes away cancels its generation', async () => {
    const stream = openai.chat.completions.create({ model: 'llama', messages: hello, stream: true });
    const { job, say, stop } = await worker.claim();
    await say(started, said(0, 'Hi'));
    for await (const { choices } of await stream) if (choices[0]?.delta.content === 'Hi') break;
    const desired = async () =>
      (await api.dataSource.query('SELECT desired FROM generations WHERE id = $1', [job.generationId]))[0].desired;
    await expect.poll(desired).toBe('CANCEL');
    await stop();
  });

  test('a further worker goes on where the client is, and an other text ends the stream with an error', async () => {
    const lose = (jobId: string) =>
      api.dataSource.query(`UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = $1`, [jobId]);
    const texts = async (second: readonly string[]): Promise<string> => {
      const stream = openai.chat.completions.create({ model: 'llama', messages: hello, stream: true });
      const lost = await worker.claim();
      await lost.say(started, said(0, 'a', 'b'));
      await lose(lost.claim.job.id);
      const next = await worker.claim();
      await next.say(started, said(0, ...second), answered(0, second.length));
      await next.succeed();
      let text = '';
      for await (const { choices } of await stream) text += choices[0]?.delta.content ?? '';
      return text;
    };
    expect(await texts(['a', 'b', 'c'])).toBe('abc');
    await expect(texts(['a', 'x'])).rejects.toThrow(APIError);
  });
});

describe('completions', () => {
  test('of several prompts, with log-probabilities and their places', async () => {
    const asking = openai.completions.create({ model: 'llama', prompt: ['one', 'three'], logprobs: 2, n: 1 });
    const { job, say, succeed } = await worker.claim();
    expect(job).toMatchObject({
      prompts: [
        { kind: 'text', text: 'one' },
        { kind: 'text', text: 'three' },
      ],
      settings: { maxTokens: 16, topLogProbabilities: 2 },
    });
    const tokens = { ...said(0), tokens: [measured(' a'), measured(' b')], text: ' a b' };
    await say({ kind: 'started', promptTokens: [1, 1] }, tokens as GenerationEvent);
    await say({ ...tokens, prompt: 1 } as GenerationEvent, answered(0, 2), { ...answered(0, 2), prompt: 1 } as never);
    await succeed();
    const { choices, object, usage } = await asking;
    expect(object).toBe('text_completion');
    expect(choices.map(({ index, text, finish_reason }) => ({ index, text, finish_reason }))).toEqual([
      { index: 0, text: ' a b', finish_reason: 'stop' },
      { index: 1, text: ' a b', finish_reason: 'stop' },
    ]);
    expect(choices[1]!.logprobs).toEqual({
      tokens: [' a', ' b'],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [
        { ' a': -0.5, '�': -1.5 },
        { ' b': -0.5, '�': -1.5 },
      ],
      text_offset: [5, 7],
    });
    expect(usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4 });
  });

  test('in parts', async () => {
    const stream = openai.completions.create({ model: 'llama', prompt: 'once', stream: true });
    const { say, succeed } = await worker.claim();
    await say(started, said(0, ' upon'), answered(0, 1, 'length'));
    await succeed();
    const seen = [];
    for await (const { choices } of await stream) seen.push(choices[0]);
    expect(seen).toMatchObject([
      { index: 0, text: ' upon', finish_reason: null },
      { index: 0, text: '', finish_reason: 'length' },
    ]);
  });
});

describe('models', () => {
  test('are listed by their names and aliases, if they write texts', async () => {
    const setAlias = `mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }`;
    await api.request(setAlias, { input: { modelId: ids.baseModel(model), name: 'production' } });
    const { data } = await openai.models.list();
    expect(data.map(({ id, owned_by }) => ({ id, owned_by }))).toEqual([
      { id: 'production', owned_by: 'default' },
      { id: 'llama', owned_by: 'default' },
    ]);
    expect(await openai.models.retrieve('production')).toMatchObject({ id: 'production', object: 'model' });
    await expect(openai.models.retrieve('other')).rejects.toThrow(NotFoundError);
  });

  test.each([['production'], ['default/llama'], ['default/production']])('are found as %s, and by id', async (name) => {
    expect((await openai.models.retrieve(name)).id).toBe(name);
    const id = ids.baseModel(model);
    expect((await openai.models.retrieve(id)).id).toBe(id);
  });

  test('of two projects with the same name are told apart, and one that the key does not open is not there', async () => {
    const { createProject } = await api.request<{ createProject: { id: string } }>(
      `mutation { createProject(input: { slug: "other", name: "Other" }) { ... on Project { id } } }`,
    );
    const other = Buffer.from(createProject.id, 'base64').toString().split(':')[1]!;
    await insertBaseModel(api.dataSource, other, { name: 'twice', manifest: tinyLlama });
    expect((await openai.models.retrieve('twice')).owned_by).toBe('other');
    const [{ digest }] = await api.dataSource.query(`SELECT digest FROM base_models WHERE name = 'twice'`);
    await api.dataSource.query(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
       SELECT gen_random_uuid(), $1, name, digest, manifest, source FROM base_models WHERE digest = $2`,
      [api.projectId, digest],
    );
    await expect(openai.models.retrieve('twice')).rejects.toThrow(/other\/twice/);
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['default/twice', 'other/twice']),
    );
    const { secret: only } = await insertKey(api.dataSource, ownerUserId, { scopes: ['READ'], projectId: other });
    const { data } = await clientOf(only).models.list();
    expect(data.map(({ id }) => id)).toEqual(['twice']);
    await expect(clientOf(only).models.retrieve('llama')).rejects.toThrow(NotFoundError);
  });
});

describe('refusals', () => {
  const ask = (changes: object) =>
    openai.chat.completions.create({ model: 'llama', messages: hello, ...changes } as never) as Promise<unknown>;

  test('of an unknown key', async () => {
    await expect(clientOf('none').models.list()).rejects.toThrow(AuthenticationError);
  });

  test('of a model that is not there, or writes no texts', async () => {
    await expect(ask({ model: 'gpt-4' })).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(ask({ model: 'bert' })).rejects.toMatchObject({ status: 400, param: 'model' });
    await expect(openai.models.retrieve('llama\0')).rejects.toMatchObject({ status: 400, param: 'model' });
  });

  test.each([
    ['logit_bias', { logit_bias: { 50256: -100 } }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['temperature', { temperature: -1 }],
    ['temperature', { temperature: 'hot' }],
    ['n', { n: 1000 }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['top_p', { top_p: 0 }],
    ['unheard_of', { unheard_of: 1 }],
    ['messages', { messages: [] }],
    [
      'messages.0.content.0',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
    ],
    ['max_tokens', { max_tokens: 0 }],
    [
      'response_format',
      { response_format: { type: 'json_schema', json_schema: { schema: { a: 'b'.repeat(50_001) } } } },
    ],
  ])('of %s, which the error names', async (param, changes) => {
    const refused = ask(changes);
    await expect(refused).rejects.toThrow(BadRequestError);
    await expect(refused).rejects.toMatchObject({ param, type: 'invalid_request_error' });
  });

  test.each([
    ['echo', { echo: true }],
    ['suffix', { suffix: 'end' }],
    ['best_of', { best_of: 3 }],
    ['prompt', { prompt: [1, 2] }],
  ])('of %s of completions', async (param, changes) => {
    const refused = openai.completions.create({ model: 'llama', prompt: 'once', ...changes } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, param });
  });

  test('of what is no JSON, of a text that can not be stored, and of other paths', async () => {
    const post = async (path: string, body: string) => {
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body });
      return { status: answer.status, body: await answer.json() };
    };
    const body = JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: '\0' }] });
    const error = { type: 'invalid_request_error' };
    expect(await post('/v1/chat/completions', body)).toMatchObject({ status: 400, body: { error } });
    expect(await post('/v1/chat/completions', '{')).toMatchObject({ status: 400, body: { error } });
    expect(await post('/v1/embeddings', '{}')).toMatchObject({ status: 404, body: { error } });
  });

  test('of a prompt that is too long, as the worker finds, streamed or not', async () => {
    const problem = {
      path: ['prompts', '0'],
      code: 'PROMPT_TOO_LONG',
      message: 'the prompt has 300 tokens',
      hint: 'Shorten it.',
    };
    for (const stream of [false, true]) {
      const refused = expect(ask({ stream })).rejects.toMatchObject({
        status: 400,
        code: 'context_length_exceeded',
        param: 'messages',
        error: { message: 'The prompt has 300 tokens. Shorten it.' },
      });
      await (await worker.claim()).fail(problem);
      await refused;
    }
  });

  test('of everything while there is no worker', async () => {
    await api.dataSource.query(`UPDATE workers SET last_seen_at = now() - interval '1 hour'`);
    await expect(ask({})).rejects.toMatchObject({ status: 503, code: 'worker_unavailable' });
    await api.dataSource.query('UPDATE workers SET last_seen_at = now()');
  });
});

test('requests cost the rate limit of their key as mutations do', async () => {
  await using limited = await startTestApi({ network: { rateLimit: 15 } });
  const key = await insertKey(limited.dataSource, ownerUserId, { scopes: ['READ'] });
  const client = new OpenAI({ apiKey: key.secret, baseURL: `${limited.url}/v1`, maxRetries: 0 });
  const ask = () => client.chat.completions.create({ model: 'none', messages: hello });
  await expect(ask()).rejects.toThrow(NotFoundError);
  await expect(ask()).rejects.toThrow(RateLimitError);
});
