import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { expectedOfBest } from '../../src/statistics/best-of-n/best-of-weights.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  killTestWorker,
  type RunningProcess,
  startTestPlatform,
  startTestWorker,
  type TestPlatform,
} from '../support/platform.js';
import { startReceiver } from '../support/receiver.js';
import { createTopics } from '../support/training.js';

/** Samples that the bundled model writes to prompts, their rewards, the curve of best of n, and datasets of them. */

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let topics: string;
let writer: string;

const allowed = { ATTUNE_WEBHOOK_ALLOW_PRIVATE: '127.0.0.1' };
const startWorker = () => startTestWorker({ databaseUrl: database.url, home, env: allowed });

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-samples-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url, env: allowed });
  worker = startWorker();
  topics = await createTopics(platform.client, 60);
  writer = (await findBaseModel(platform.client, 'gloss-lm')).id;
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

interface Mean {
  readonly mean: number;
  readonly prompts: number;
  readonly low: number | null;
  readonly high: number | null;
}

interface Samples {
  readonly id: string;
  readonly status: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly progress: { readonly unitsDone: number; readonly unitsTotal: number } | null;
  readonly summary: {
    readonly promptCount: number;
    readonly curve: readonly {
      readonly k: number;
      readonly reward: Mean;
      readonly gold: Mean | null;
      readonly tokens: Mean;
      readonly bySource: readonly { readonly name: string; readonly value: Mean | null }[];
      readonly klBound: number;
    }[];
  } | null;
}

const mean = '{ mean prompts low high }';
const fields = /* GraphQL */ `id status problem { code message } progress { unitsDone unitsTotal }
  summary { promptCount leftOutCount unscoredCount equalCount cutCount
    curve { k reward ${mean} gold ${mean} tokens ${mean} bySource { name value ${mean} } klBound } }`;

const short = { name: 'short', weight: 0.5, by: { lengthCost: { cost: 1, unit: 'CHARACTERS' } } };
const request = (rest: Record<string, unknown> = {}) => ({
  modelId: writer,
  datasetVersionId: topics,
  promptColumn: 'text',
  most: 12,
  samples: 4,
  maxTokens: 8,
  sampling: { temperature: 1, seed: 3 },
  rewards: [short, { name: 'calm', by: { repetition: { n: 1 } } }],
  gold: [{ name: 'long', by: { lengthCost: { cost: 1 } } }],
  ...rest,
});

const score = (input: Record<string, unknown>): Promise<Samples> =>
  platform.client.mutate<Samples>(
    `mutation ($input: ScoreSamplesInput!) { scoreSamples(input: $input) { ... on ScoredSamples { ${fields} } ${problems} } }`,
    input,
  );

const read = async (id: string): Promise<Samples> =>
  (
    await platform.client.request<{ node: Samples }>(
      `query ($id: ID!) { node(id: $id) { ... on ScoredSamples { ${fields} } } }`,
      { id },
    )
  ).node;

/** The batch, once it has ended. */
async function ended(id: string): Promise<Samples> {
  for await (const _ of platform.client.subscribe(
    'subscription ($id: ID!) { scoredSamplesChanged(samplesId: $id) { status } }',
    { id },
  ));
  return read(id);
}

interface Prompt {
  readonly row: number;
  readonly seed: number;
  readonly prompt: { readonly text: string };
  readonly samples: readonly {
    readonly sample: number;
    readonly text: string;
    readonly tokenCount: number;
    readonly reward: number;
    readonly bySource: readonly number[];
    readonly gold: number;
  }[];
}

async function promptsOf(id: string): Promise<readonly Prompt[]> {
  const { node } = await platform.client.request<{ node: { prompts: { nodes: Prompt[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on ScoredSamples { prompts(first: 100) { nodes {
       row seed prompt { text } samples { sample text tokenCount reward bySource gold } } } } } }`,
    { id },
  );
  return node.prompts.nodes;
}

test('samples are scored, and their curve is that of all sets of them', async () => {
  const { id, status } = await score(request());
  expect(status).toBe('QUEUED');
  const done = await ended(id);
  expect(done).toMatchObject({ status: 'SUCCEEDED', problem: null, summary: { promptCount: 12 } });
  const prompts = await promptsOf(id);
  expect(prompts.map(({ row }) => row)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  const curves = prompts.map(({ samples }) => {
    for (const { text, tokenCount, reward, bySource, gold } of samples) {
      expect(bySource[0]).toBe(text === '' ? 0 : -[...text].length);
      expect(reward).toBeCloseTo(0.5 * bySource[0]! + bySource[1]!, 12);
      expect(gold).toBe(tokenCount === 0 ? 0 : -tokenCount);
    }
    const rewards = samples.map(({ reward }) => reward);
    expect(rewards).toEqual([...rewards].sort((a, b) => b - a));
    return {
      rewards: expectedOfBest(rewards),
      gold: expectedOfBest(
        rewards,
        samples.map(({ gold }) => gold),
      ),
    };
  });
  const over = (of: (curve: (typeof curves)[0]) => number) => curves.reduce((sum, each) => sum + of(each), 0) / 12;
  const { curve } = done.summary!;
  expect(curve.map(({ k }) => k)).toEqual([1, 2, 3, 4]);
  for (const [at, point] of curve.entries()) {
    expect(point.reward.mean).toBeCloseTo(
      over(({ rewards }) => rewards[at]!),
      9,
    );
    expect(point.gold!.mean).toBeCloseTo(
      over(({ gold }) => gold[at]!),
      9,
    );
    expect(point.reward.low).toBeLessThan(point.reward.high!);
    expect(point.bySource.map(({ name }) => name)).toEqual(['short', 'calm']);
  }
  expect(curve[3]!.reward.mean).toBeGreaterThan(curve[0]!.reward.mean);
  // What generate writes with these settings and the prompt's seed is what is scored.
  expect(new Set(prompts.map(({ seed }) => seed)).size).toBe(12);
  const { answers } = await platform.client.mutate<{ answers: { sample: number; text: string }[] }>(
    `mutation ($input: GenerateInput!) { generate(input: $input) { ... on Generation { answers { text } } ${problems} } }`,
    {
      modelId: writer,
      prompts: [{ text: prompts[1]!.prompt.text }],
      maxTokens: 8,
      samples: 4,
      sampling: { temperature: 1, seed: prompts[1]!.seed },
    },
  );
  const inOrder = [...prompts[1]!.samples].sort((a, b) => a.sample - b.sample);
  expect(inOrder.map(({ text }) => text)).toEqual(answers.map(({ text }) => text));
}, 120_000);

test('the best samples become a dataset that instruction tuning takes, pairs become another, and all know each other', async () => {
  const { id } = await score(request({ most: 20 }));
  await ended(id);
  const made = async (input: Record<string, unknown>) => {
    const preparation = await platform.client.mutate<{ id: string }>(
      `mutation ($input: CreateDatasetFromSamplesInput!) { createDatasetFromSamples(input: $input) {
         ... on Preparation { id } ${problems} } }`,
      { samplesId: id, withCut: true, ...input },
    );
    for await (const _ of platform.client.subscribe(
      'subscription ($id: ID!) { preparationChanged(preparationId: $id) { status } }',
      { id: preparation.id },
    ));
    const { node } = await platform.client.request<{
      node: {
        problems: unknown;
        version: {
          id: string;
          exampleCount: number;
          columns: { name: string; role: string }[];
          sources: { samples: { rows: string; rowCount: number; scoredSamples: { id: string } } | null }[];
          examples: { nodes: { values: Record<string, unknown> }[] };
        };
      };
    }>(
      `query ($id: ID!) { node(id: $id) { ... on Preparation { version: datasetVersion { id exampleCount
         sources { samples { rows rowCount scoredSamples { id } } }
         examples(first: 100) { nodes { values } } } } } }`,
      { id: preparation.id },
    );
    return node.version;
  };
  const prompts = await promptsOf(id);
  const winners = await made({ name: 'winners', rows: 'WINNERS' });
  expect(winners.exampleCount).toBe(20);
  expect(winners.sources).toMatchObject([{ samples: { rows: 'WINNERS', rowCount: 20, scoredSamples: { id } } }]);
  for (const { values } of winners.examples.nodes) {
    const { samples, prompt } = prompts.find(({ row }) => row === Number(values.sourceRow))!;
    expect(values).toMatchObject({ prompt: prompt.text, completion: samples[0]!.text });
  }
  const pairs = await made({ name: 'pairs', rows: 'PAIRS' });
  expect(pairs.exampleCount).toBeGreaterThan(15);
  for (const { values } of pairs.examples.nodes) expect(Number(values.strength)).toBeGreaterThan(0);
  const plan = await platform.client.request<{ planExperiment: { trainExamples: number } }>(
    `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ${problems}
       ... on ExperimentPlan { trainExamples } } }`,
    {
      input: {
        name: 'on winners',
        baseModelId: writer,
        datasetVersionId: winners.id,
        method: { instructionTuning: {} },
      },
    },
  );
  expect(plan.planExperiment.trainExamples).toBeGreaterThan(10);
  const { node } = await platform.client.request<{ node: { datasetVersions: { nodes: { id: string }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on ScoredSamples { datasetVersions { nodes { id } } } } }',
    { id },
  );
  expect(node.datasetVersions.nodes.map((version) => version.id)).toEqual([pairs.id, winners.id]);
  // Without the samples the datasets stay.
  const deleted = await platform.client.mutate<{ kind: string }>(
    `mutation ($input: DeleteScoredSamplesInput!) { deleteScoredSamples(input: $input) { ... on Deletion { kind } ${problems} } }`,
    { samplesId: id },
  );
  expect(deleted.kind).toBe('SCORED_SAMPLES');
  const kept = await platform.client.request<{ node: { sources: unknown } }>(
    'query ($id: ID!) { node(id: $id) { ... on DatasetVersion { sources { samples { rows scoredSamples { id } } } } } }',
    { id: winners.id },
  );
  expect(kept.node.sources).toEqual([{ samples: { rows: 'WINNERS', scoredSamples: null } }]);
}, 120_000);

test('a service scores, by requests that it can verify; one that fails ends the job with its reason', async () => {
  interface Body {
    readonly completions: readonly { readonly completion: string; readonly row: Record<string, unknown> }[];
  }
  await using receiver = await startReceiver((response, { body }, index) => {
    if (index > 1) {
      response.writeHead(403).end();
      return;
    }
    const { completions } = JSON.parse(body) as Body;
    response.end(JSON.stringify({ rewards: completions.map(({ completion }) => completion.length) }));
  });
  const rewards = [{ name: 'mine', by: { service: { url: receiver.url, batchSize: 16 } } }];
  const { id } = await score(request({ most: 8, rewards, gold: null }));
  expect(await ended(id)).toMatchObject({ status: 'SUCCEEDED' });
  expect(receiver.received).toHaveLength(2);
  const [first] = receiver.received;
  expect(Object.keys((JSON.parse(first!.body) as Body).completions[0]!.row).sort()).toEqual(['mood', 'text', 'topic']);
  const { secret } = await platform.client.mutate<{ secret: string }>(
    `mutation ($input: RewardServiceSecretInput!) { rewardServiceSecret(input: $input) {
       ... on RewardServiceSecret { secret } ${problems} } }`,
    { url: receiver.url },
  );
  const { createHmac } = await import('node:crypto');
  const signed = `${String(first!.headers['webhook-id'])}.${String(first!.headers['webhook-timestamp'])}.${first!.body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  expect(first!.headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const refused = await score(request({ most: 4, rewards, gold: null }));
  expect(await ended(refused.id)).toMatchObject({
    status: 'FAILED',
    problem: { code: 'REWARD_SERVICE_FAILED', message: 'The reward service failed: its answer has the status 403.' },
    summary: null,
  });
}, 120_000);

test('a killed worker is followed by one that goes on, with the samples of a job that was left alone', async () => {
  const input = request({ most: 60, samples: 8, maxTokens: 60 });
  const batch = await score(input);
  const folder = join(home, 'batches');
  const kept = async (): Promise<boolean> =>
    (await readdir(folder, { recursive: true })).some((name) => name.endsWith('.jsonl'));
  for (let isKept = false; !isKept; ) {
    const { status } = await read(batch.id);
    if (status !== 'QUEUED' && status !== 'RUNNING') throw new Error('The job was over before anything was kept.');
    isKept = status === 'RUNNING' && (await kept());
  }
  await killTestWorker(worker, database.url);
  expect(await read(batch.id)).toMatchObject({ status: 'RUNNING', progress: { unitsTotal: 120 } });
  worker = startWorker();
  expect(await ended(batch.id)).toMatchObject({ status: 'SUCCEEDED' });
  const alone = await score(input);
  await ended(alone.id);
  expect(await promptsOf(batch.id)).toEqual(await promptsOf(alone.id));
  expect((await read(batch.id)).summary).toEqual((await read(alone.id)).summary);
  expect(await readdir(folder)).toEqual([]);
}, 180_000);

test('what is wrong with the rewards is said at once, each where it is', async () => {
  const wrong = async (rest: Record<string, unknown>) => {
    const { scoreSamples } = await platform.client.request<{
      scoreSamples: { problems: { path: string[]; code: string }[] };
    }>(`mutation ($input: ScoreSamplesInput!) { scoreSamples(input: $input) { ${problems} } }`, {
      input: request(rest),
    });
    return scoreSamples.problems.map(({ path, code }) => `${code} ${path.join('.')}`);
  };
  expect(
    await wrong({
      rewards: [
        { name: 'a', weight: 0, by: { lengthCost: { cost: -1 } } },
        { name: 'a', by: { pattern: { pattern: '(?=x)' } } },
        { name: 'b c', by: { jsonSchema: { schema: { type: 'nothing' } } } },
        { name: 'd', by: { label: { modelId: writer, label: 'good' } } },
        { name: 'e', by: { service: { url: 'http://example.org/', retries: 99 } } },
      ],
    }),
  ).toEqual([
    'INVALID_VALUE rewards.0.weight',
    'INVALID_VALUE rewards.0.by.lengthCost.cost',
    'INVALID_VALUE rewards.1.name',
    'INVALID_VALUE rewards.1.by.pattern.pattern',
    'INVALID_VALUE rewards.2.name',
    'INVALID_SCHEMA rewards.2.by.jsonSchema.schema',
    'NO_HEAD rewards.3.by.label.modelId',
    'INVALID_VALUE rewards.4.by.service.url',
    'INVALID_VALUE rewards.4.by.service.retries',
  ]);
  expect(await wrong({ gold: [{ name: 'x', by: { number: { column: 'gold' } } }] })).toEqual([
    'UNKNOWN_COLUMN gold.0.by.number.column',
  ]);
  expect(await wrong({ rewards: [] })).toEqual(['REQUIRED rewards']);
  expect(await wrong({ sampling: { temperature: 0 } })).toEqual(['INVALID_VALUE sampling.temperature']);
  expect(await wrong({ most: 10_000, samples: 128 })).toEqual(['TOO_LONG samples']);
});

test('a batch that runs is canceled, and nothing of it stays', async () => {
  const { id } = await score(request({ most: 60, samples: 64, maxTokens: 200 }));
  // With the first answers the lease is in order, too.
  while (((await read(id)).progress?.unitsDone ?? 0) === 0);
  await platform.client.mutate(
    `mutation ($input: ScoredSamplesActionInput!) { cancelScoredSamples(input: $input) { ... on ScoredSamples { status } ${problems} } }`,
    { samplesId: id },
  );
  expect(await ended(id)).toMatchObject({ status: 'CANCELED', summary: null });
  expect(await readdir(join(home, 'batches'))).toEqual([]);
});
