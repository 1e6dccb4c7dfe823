import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createExperiment, findBaseModel } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { importModel, watchImport } from '../support/models.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, createTopics, pointsOf, readExperiment } from '../support/training.js';

/** Language models that are made, trained, evaluated and compared as users do. */

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let version: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-language-evaluations-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  version = await createTopics(platform.client, 120);
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Scores {
  readonly exampleCount: number;
  readonly tokenCount: number;
  readonly loss: number;
  readonly bitsPerByte: number | null;
  readonly baseline: {
    readonly loss: number;
    readonly differences: readonly { measure: string; value: number | null; high: number | null }[];
  } | null;
}
interface Evaluation {
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly baseline: { readonly name: string } | null;
  readonly scores: readonly Scores[];
  readonly findings: readonly { readonly code: string }[];
  readonly examples: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly text: string;
      readonly error: number;
      readonly tokenCount: number;
      readonly rightTokenCount: number;
      readonly baselineError: number | null;
    }[];
  } | null;
}

async function evaluate(input: Record<string, unknown>): Promise<Evaluation> {
  const { client } = platform;
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { datasetVersionId: version, ...input },
  );
  for await (const _ of client.subscribe(
    'subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status progress { examplesDone } } }',
    { id },
  ));
  const { node } = await client.request<{ node: Evaluation }>(
    `query ($id: ID!) { node(id: $id) { ... on Evaluation { status problem { code message } baseline { name } findings { code }
      scores { exampleCount loss ... on TokenScores { tokenCount bitsPerByte
        baseline { loss differences { measure value high } } } }
      examples(first: 5) { totalCount nodes { text error ... on TokenExample { tokenCount rightTokenCount baselineError } } } } } }`,
    { id },
  );
  return node;
}

test('a model made from nothing learns texts, and its evaluation says what its run said', async () => {
  const { client } = platform;
  const tokenizer = { baseModelId: (await findBaseModel(client, 'use-lite')).id };
  const sizes = { architecture: 'LLAMA', tokenizer, hiddenSize: 32, layers: 2, attentionHeads: 2, contextLength: 64 };
  const importId = await importModel(client, { name: 'tiny', source: { configuration: sizes } });
  const states = [];
  for await (const state of watchImport(client, importId)) states.push(state);
  const { id } = await createExperiment(client, {
    name: 'adapted',
    baseModelId: states.at(-1)!.model!.id,
    datasetVersionId: version,
    method: { languageModelling: { textColumn: 'text' } },
    hyperparameters: { maxLength: 32, epochs: 4, seed: 5, learningRate: 0.005 },
  });
  await allEvents(client, id);
  const state = await readExperiment(client, id);
  expect({ status: state.status, problem: state.problem }).toEqual({ status: 'SUCCEEDED', problem: null });
  const losses = pointsOf(state, 'validation/loss');

  const found = await evaluate({ modelId: state.model!.id, split: 'validation', tokens: {} });
  expect(found).toMatchObject({ status: 'SUCCEEDED', problem: null, baseline: { name: 'tiny' } });
  const [scores] = found.scores;
  expect(scores!.loss).toBeCloseTo(losses.at(-1)!.value!, 5);
  expect(scores!.bitsPerByte).toBeCloseTo(pointsOf(state, 'validation/bitsPerByte').at(-1)!.value!, 5);
  expect(scores!.baseline!.loss).toBeCloseTo(losses[0]!.value!, 5);
  for (const { measure, value, high } of scores!.baseline!.differences) {
    if (measure === 'TOKEN_ACCURACY') expect(value).toBeGreaterThan(0);
    else expect([measure, high! < 0]).toEqual([measure, true]);
  }
  // The worst first, with their texts.
  const { nodes, totalCount } = found.examples!;
  expect(totalCount).toBe(scores!.exampleCount);
  expect(nodes.map(({ error }) => error)).toEqual(nodes.map(({ error }) => error).sort((a, b) => b - a));
  expect(nodes[0]).toMatchObject({ text: expect.stringContaining('note'), tokenCount: expect.any(Number) });
  expect(nodes[0]!.baselineError).toBeGreaterThan(nodes[0]!.error);
}, 240_000);

test('the bundled language model is evaluated as it is, on texts and on answers', async () => {
  const { id } = await findBaseModel(platform.client, 'gloss-lm');
  const texts = await evaluate({ modelId: id, split: 'test', textColumn: 'text', tokens: {} });
  expect(texts).toMatchObject({ status: 'SUCCEEDED', baseline: null, scores: [{ baseline: null }] });
  // Random guesses among 8,000 pieces: ln 8,000 = 8.99.
  expect(texts.scores[0]!.loss).toBeLessThan(8);
  const promptCompletion = { promptColumn: 'text', completionColumn: 'topic' };
  const answers = await evaluate({ modelId: id, split: 'test', tokens: { conversation: { promptCompletion } } });
  expect(answers.status).toBe('SUCCEEDED');
  expect(answers.scores[0]!.exampleCount).toBe(texts.scores[0]!.exampleCount);
  expect(answers.scores[0]!.tokenCount).toBeLessThan(texts.scores[0]!.tokenCount);
}, 120_000);
