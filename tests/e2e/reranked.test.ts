import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { createTopics, startTopicRun, watch } from '../support/training.js';

/** Answers of the bundled model, scored by the label of a classifier that was trained here. */

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let topics: string;
let writer: string;
let classifier: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-reranked-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  topics = await createTopics(platform.client, 60);
  writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
  const experiment = await startTopicRun(platform.client, topics);
  for await (const _ of watch(platform.client, experiment));
  const { node } = await platform.client.request<{ node: { model: { id: string } } }>(
    'query ($id: ID!) { node(id: $id) { ... on Experiment { model { id } } } }',
    { id: experiment },
  );
  classifier = node.model.id;
}, 240_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** The probabilities that the classifier itself gives to the label. */
async function probabilities(texts: readonly string[]): Promise<readonly number[]> {
  const { texts: predicted } = await platform.client.mutate<{
    texts: readonly { predictions: readonly { labels: readonly { label: string; probability: number }[] }[] }[];
  }>(
    `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts { predictions {
       ... on TaskPrediction { labels { label probability } } } } } ${problems} } }`,
    { modelId: classifier, texts },
  );
  return predicted.map(({ predictions }) => predictions[0]!.labels.find(({ label }) => label === 'food')!.probability);
}

const food = () => ({ name: 'food', weight: 3, by: { label: { modelId: classifier, label: 'food' } } });

interface Answer {
  readonly sample: number;
  readonly text: string;
  readonly reward: number;
  readonly bySource: readonly [number];
}

async function expectLabelled(answers: readonly Answer[]): Promise<void> {
  const expected = await probabilities(answers.map(({ text }) => text));
  for (const [i, { reward, bySource }] of answers.entries()) {
    expect(bySource[0]).toBeCloseTo(expected[i]!, 5);
    expect(reward).toBeCloseTo(3 * bySource[0], 9);
  }
  const rewards = answers.map(({ reward }) => reward);
  expect(rewards).toEqual([...rewards].sort((a, b) => b - a));
  expect(rewards[0]).toBeGreaterThan(rewards.at(-1)!);
}

test('generate puts first what a classifier finds likeliest to have the label', async () => {
  const asked = {
    modelId: writer,
    prompts: [{ text: 'the soup' }],
    samples: 4,
    maxTokens: 8,
    sampling: { temperature: 1, seed: 5 },
  };
  const generate = (input: Record<string, unknown>) =>
    platform.client.mutate<{ answers: readonly Answer[] }>(
      `mutation ($input: GenerateInput!) { generate(input: $input) {
         ... on Generation { answers { sample text reward bySource } } ${problems} } }`,
      input,
    );
  const { answers } = await generate({ ...asked, rerank: { rewards: [food()] } });
  await expectLabelled(answers);
  const plain = await generate(asked);
  expect([...answers].sort((a, b) => a.sample - b.sample).map(({ text }) => text)).toEqual(
    plain.answers.map(({ text }) => text),
  );
  const best = await generate({ ...asked, rerank: { rewards: [food()], keep: 1 } });
  expect(best.answers).toEqual(answers.slice(0, 1));
}, 120_000);

test('scoreSamples scores by a label, and the model that scores is in use', async () => {
  const { id } = await platform.client.mutate<{ id: string }>(
    `mutation ($input: ScoreSamplesInput!) { scoreSamples(input: $input) { ... on ScoredSamples { id } ${problems} } }`,
    {
      modelId: writer,
      datasetVersionId: topics,
      promptColumn: 'text',
      most: 3,
      samples: 4,
      maxTokens: 8,
      sampling: { temperature: 1, seed: 3 },
      rewards: [food()],
    },
  );
  for await (const _ of platform.client.subscribe(
    'subscription ($id: ID!) { scoredSamplesChanged(samplesId: $id) { status } }',
    { id },
  ));
  const { node } = await platform.client.request<{
    node: { status: string; prompts: { nodes: readonly { samples: readonly Answer[] }[] } };
  }>(
    `query ($id: ID!) { node(id: $id) { ... on ScoredSamples { status
       prompts(first: 10) { nodes { samples { sample text reward bySource } } } } } }`,
    { id },
  );
  expect(node.status).toBe('SUCCEEDED');
  expect(node.prompts.nodes).toHaveLength(3);
  for (const { samples } of node.prompts.nodes) await expectLabelled(samples);
  const { node: scorer } = await platform.client.request<{ node: { dependents: { nodes: readonly object[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { dependents { nodes { kind objectId } } } } }',
    { id: classifier },
  );
  expect(scorer.dependents.nodes).toContainEqual({ kind: 'SCORED_SAMPLES', objectId: id });
}, 120_000);
