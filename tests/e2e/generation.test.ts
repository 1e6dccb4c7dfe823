import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { decoderFolder } from '../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { importModel, watchImport } from '../support/models.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';

/** The bundled language model, talked to as users do: in the graph, and by OpenAI's client. */

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let modelId: string;
let openai: OpenAI;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-generation-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  await worker.printed(/Worker ready/);
  modelId = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const { secret } = await platform.client.mutate<{ secret: string }>(
    `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
       ... on CreatedApiKey { secret } ... on Problems { problems { message } } } }`,
    { name: 'chat', scopes: ['READ'] },
  );
  openai = new OpenAI({ apiKey: secret, baseURL: `${platform.url}/v1`, maxRetries: 0 });
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Answer {
  readonly text: string;
  readonly finishReason: string;
  readonly tokenCount: number;
  readonly tokens: readonly { tokenId: number; text: string; logProbability: number; top: { tokenId: number }[] }[];
}
interface Generation {
  readonly id: string;
  readonly status: string;
  readonly promptTokens: readonly number[];
  readonly answers: readonly Answer[];
  readonly times: { readonly firstTokenMs: number; readonly tokensPerSecond: number } | null;
}

const mutation = /* GraphQL */ `
  mutation ($input: GenerateInput!) { generate(input: $input) {
    ... on Generation {
      id status promptTokens times { firstTokenMs tokensPerSecond }
      answers { text finishReason tokenCount tokens { tokenId text logProbability top { tokenId } } }
    }
    ... on Problems { problems { path code message hint } } } }`;

const generate = (input: Record<string, unknown>): Promise<Generation> =>
  platform.client.mutate<Generation>(mutation, { modelId, ...input });

test('it answers several prompts in one call, as it answers each alone, and the seed decides', async () => {
  const settings = { maxTokens: 12, sampling: { temperature: 0.8, seed: 3 }, topLogProbabilities: 2 };
  const prompts = [{ text: 'a dog is' }, { text: 'the small river that' }];
  const together = await generate({ prompts, samples: 2, ...settings });
  expect(together).toMatchObject({ status: 'SUCCEEDED', answers: { length: 4 }, promptTokens: { length: 2 } });
  expect(together.times!.firstTokenMs).toBeGreaterThan(0);
  expect(together.times!.tokensPerSecond).toBeGreaterThan(0);
  for (const { tokens, tokenCount } of together.answers) {
    expect(tokens).toHaveLength(tokenCount);
    for (const { logProbability, top } of tokens) {
      expect(logProbability).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(2);
    }
  }
  const idsOf = ({ tokens }: Answer) => tokens.map(({ tokenId }) => tokenId);
  for (const [i, prompt] of prompts.entries()) {
    const alone = await generate({ prompts: [prompt], samples: 2, ...settings });
    expect(alone.answers.map(idsOf)).toEqual(together.answers.slice(2 * i, 2 * i + 2).map(idsOf));
  }
  // Greedily, the likeliest token is always the one that is taken.
  const greedy = await generate({ prompts, ...settings, sampling: { temperature: 0 } });
  for (const { tokens } of greedy.answers) {
    for (const { tokenId, top } of tokens) expect(top[0]!.tokenId).toBe(tokenId);
  }
});

test('its events, followed from anywhere, make the text of the answer', async () => {
  const { id } = await generate({ prompts: [{ text: 'a house is' }], maxTokens: 20, wait: false });
  const follow = async (afterSeq: number) => {
    const seen: { seq: number; __typename: string; text?: string }[] = [];
    for await (const { generationEvents } of platform.client.subscribe<{ generationEvents: (typeof seen)[number] }>(
      `subscription ($id: ID!, $afterSeq: Int!) { generationEvents(generationId: $id, afterSeq: $afterSeq) {
         __typename ... on SequencedGenerationEvent { seq } ... on TokensGenerated { text } } }`,
      { id, afterSeq },
    )) {
      seen.push(generationEvents);
    }
    return seen;
  };
  const events = await follow(0);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(0)!.__typename).toBe('GenerationStarted');
  expect(events.at(-1)!.__typename).toBe('GenerationEnded');
  const { node } = await platform.client.request<{ node: Generation }>(
    'query ($id: ID!) { node(id: $id) { ... on Generation { status answers { text } } } }',
    { id },
  );
  expect(node.status).toBe('SUCCEEDED');
  expect(events.map(({ text }) => text ?? '').join('')).toBe(node.answers[0]!.text);
  expect(await follow(2)).toEqual(events.slice(2));
});

test('by OpenAI’s client: the same text as in the graph, whole or in parts', async () => {
  expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['gloss-lm']);
  const settings = { model: 'gloss-lm', prompt: 'a canyon is', max_tokens: 10, temperature: 0, stop: ['.'] };
  const whole = await openai.completions.create({ ...settings, logprobs: 3 });
  const [choice] = whole.choices;
  expect(choice!.logprobs!.tokens).toHaveLength(whole.usage!.completion_tokens);
  let text = '';
  let reason: string | null = null;
  for await (const { choices } of await openai.completions.create({ ...settings, stream: true })) {
    text += choices[0]!.text;
    reason = choices[0]!.finish_reason ?? reason;
  }
  expect({ text, reason }).toEqual({ text: choice!.text, reason: choice!.finish_reason });
  const inGraph = await generate({
    prompts: [{ text: settings.prompt }],
    maxTokens: 10,
    stop: ['.'],
    sampling: { temperature: 0 },
  });
  expect(inGraph.answers[0]!.text).toBe(text);
  expect(whole.usage!.prompt_tokens).toBe(inGraph.promptTokens[0]);
});

test('answers are what a JSON Schema or a list of choices allows', async () => {
  const schema = {
    type: 'object',
    properties: { animal: { enum: ['dog', 'cat'] }, legs: { type: 'integer', minimum: 0, maximum: 4 } },
    required: ['animal', 'legs'],
    additionalProperties: false,
  };
  const prompts = [{ text: 'a dog is' }];
  const { answers } = await generate({ prompts, samples: 4, output: { jsonSchema: schema }, sampling: { seed: 5 } });
  const validate = new Ajv().compile(schema);
  for (const { text, finishReason } of answers) {
    expect(finishReason).toBe('CONSTRAINT');
    expect(validate(JSON.parse(text)), text).toBe(true);
  }
  const chosen = await generate({ prompts, samples: 8, output: { choices: ['an animal', 'a tool'] } });
  for (const { text } of chosen.answers) expect(['an animal', 'a tool']).toContain(text);

  await expect(generate({ prompts, output: { jsonSchema: { type: 'string', pattern: 'a' } } })).rejects.toThrow(
    '“pattern” is not supported',
  );
});

test('a prompt beyond the context, and a conversation without a template, are refused', async () => {
  const long = openai.completions.create({ model: 'gloss-lm', prompt: 'river '.repeat(400) });
  await expect(long).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'prompt' });
  const chat = openai.chat.completions.create({ model: 'gloss-lm', messages: [{ role: 'user', content: 'Hello' }] });
  await expect(chat).rejects.toMatchObject({ status: 400, code: 'no_chat_template', param: 'messages' });
});

test('a model with a template answers a conversation; a client that leaves a stream ends it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-chat-'));
  try {
    await cp(fileURLToPath(decoderFolder('llama')), folder, { recursive: true });
    const template =
      '{% for message in messages %}{{ message.role }}: {{ message.content }} {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}';
    await writeFile(join(folder, 'chat_template.jinja'), template);
    const id = await importModel(platform.client, { name: 'chat', source: { folder: { path: folder } } });
    for await (const { status } of watchImport(platform.client, id)) expect(status).not.toBe('FAILED');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const asked = { model: 'chat', messages: [{ role: 'user' as const, content: 'a' }] };
  const { choices, usage } = await openai.chat.completions.create({ ...asked, max_tokens: 3, n: 2, seed: 1 });
  expect(choices.map(({ index, message }) => [index, message.role])).toEqual([
    [0, 'assistant'],
    [1, 'assistant'],
  ]);
  expect(usage!.completion_tokens).toBeLessThanOrEqual(6);
  const form = { type: 'json_schema' as const, json_schema: { name: 'yes', schema: { type: 'boolean' } } };
  const formed = await openai.chat.completions.create({ ...asked, response_format: form });
  expect([true, false]).toContain(JSON.parse(formed.choices[0]!.message.content!));
  const stream = await openai.completions.create({
    model: 'gloss-lm',
    prompt: 'a river is',
    max_tokens: 240,
    n: 128,
    // So hot that texts hardly end by themselves: there are seconds to leave in.
    temperature: 2,
    stream: true,
  });
  for await (const _ of stream) break;
  const newest = `{ project { generations(first: 1) { nodes { status answers { finishReason } } } } }`;
  const statusOfNewest = async () => {
    const { project } = await platform.client.request<{ project: { generations: { nodes: Generation[] } } }>(newest);
    return project.generations.nodes[0]!.status;
  };
  await expect.poll(statusOfNewest).toBe('CANCELED');
});
