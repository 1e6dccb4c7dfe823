import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, watchImport } from '../../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';

/** Policy optimization from the upload to the trained model, on the product as a user starts it. */

let database: TestDatabase;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let [model, version] = ['', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  const path = fileURLToPath(decoderFolder('llama'));
  const id = await importModel(platform.client, { name: 'writer', source: { folder: { path } } });
  for await (const state of watchImport(platform.client, id)) model = state.model?.id ?? model;
  version = (await versionOf(prompts.map((row) => `${JSON.stringify(row)}\n`).join(''), 'JSONL')).id;
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
});

const { versionOf } = datasetFiles(() => platform.client);
const prompts = Array.from({ length: 24 }, (_, index) => ({ prompt: `a ${index} is`, answer: `${index}` }));

const problems = '... on Problems { problems { path code message } }';
const method = `method { ... on PolicyOptimization {
  promptColumn systemColumn samples maxTokens temperature iterations masksTruncated heldOutPrompts
  algorithm { __typename ... on Grpo { clipLow clipHigh mostRatio ratioOf scaling aggregation klWeight replacementRounds }
    ... on Rloo { clipLow clipHigh rlooWeight: klWeight normalizesAdvantages }
    ... on OnlineDpo { loss betas missingEndPenalty }
    ... on Ppo { clipHigh valueClip discount lambda ppoWeight: klWeight klEstimator adaptiveKl { target horizon }
      miniBatches valueModelId valueRate: valueLearningRate valueWarmupSteps } }
  rewards { ...reward } controlRewards { ...reward }
  controlPreferences { datasetVersion { id } split pairs preference { kind promptColumn chosenColumn rejectedColumn } }
  guards { klBudget lengthGrowth repetition stops } } }`;
const reward = `fragment reward on Reward { name weight by { __typename ... on LengthCostReward { unit cost }
  ... on EqualsReward { column ignoreCase answerPattern } ... on RepetitionReward { n } } }`;
const planned = `${reward} query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
  ${method} totalSteps hyperparameters { learningRate batchSize epochs } estimatedSeconds } ${problems} } }`;
const created = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`;

const short = { name: 'short', by: { lengthCost: { cost: 0.1 } } };
const inputOf = (own: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  name: 'short answers',
  baseModelId: model,
  datasetVersionId: version,
  method: { policyOptimization: { rewards: [short], maxTokens: 12, samples: 4, ...own } },
  hyperparameters: { batchSize: 4, maxLength: 40 },
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
type Response = any;
const plan = async (input: object) => (await platform.client.request<Response>(planned, { input })).planExperiment;
const create = async (input: object) => (await platform.client.request<Response>(created, { input })).createExperiment;

describe('a plan', () => {
  test('fills in the column of prompts and the defaults', async () => {
    const { method, ...rest } = await plan(inputOf());
    expect(method).toMatchObject({
      promptColumn: 'prompt',
      systemColumn: null,
      temperature: 1,
      iterations: 1,
      algorithm: {
        __typename: 'Grpo',
        clipLow: 0.2,
        clipHigh: 0.2,
        scaling: 'GROUP',
        aggregation: 'TOKEN',
        klWeight: 0,
      },
      rewards: [{ name: 'short', weight: 1, by: { __typename: 'LengthCostReward', unit: 'TOKENS', cost: 0.1 } }],
      controlRewards: [],
      guards: { klBudget: null, lengthGrowth: 2, repetition: 0.5, stops: false },
    });
    expect(rest).toMatchObject({ totalSteps: 5, hyperparameters: { learningRate: 1e-4, batchSize: 4, epochs: 1 } });
    expect(rest.estimatedSeconds).toBeGreaterThan(0);
  });

  test('takes RLOO, and turns guards off where they are null', async () => {
    const own = { algorithm: { rloo: { klWeight: 0.1 } }, guards: { lengthGrowth: null, klBudget: 4 } };
    expect((await plan(inputOf(own))).method).toMatchObject({
      algorithm: { __typename: 'Rloo', rlooWeight: 0.1, normalizesAdvantages: false },
      guards: { klBudget: 4, lengthGrowth: null, repetition: 0.5 },
    });
  });

  test('takes online DPO, with two completions of a prompt', async () => {
    const own = { samples: null, algorithm: { onlineDpo: { loss: 'IPO', betas: [0.2, 0.4], missingEndPenalty: 1 } } };
    const more = { hyperparameters: { batchSize: 4, maxLength: 40, epochs: 2 } };
    expect((await plan(inputOf(own, more))).method).toMatchObject({
      samples: 2,
      algorithm: { __typename: 'OnlineDpo', loss: 'IPO', betas: [0.2, 0.4], missingEndPenalty: 1 },
    });
  });

  test('takes PPO, whose values learn at the rate of the policy from the base model', async () => {
    const own = { samples: null, algorithm: { ppo: { adaptiveKl: { target: 6 }, miniBatches: 2 } } };
    const more = { hyperparameters: { batchSize: 4, maxLength: 40, learningRate: 3e-4 } };
    expect((await plan(inputOf(own, more))).method).toMatchObject({
      samples: 4,
      iterations: 4,
      algorithm: {
        __typename: 'Ppo',
        clipHigh: 0.2,
        valueClip: 0.2,
        discount: 1,
        lambda: 0.95,
        ppoWeight: 0.05,
        klEstimator: 'K1',
        adaptiveKl: { target: 6, horizon: 10_000 },
        miniBatches: 2,
        valueModelId: null,
        valueRate: 3e-4,
        valueWarmupSteps: 0,
      },
    });
  });

  test('refuses a model of values that is no reward model', async () => {
    const own = { algorithm: { ppo: { valueModelId: model } } };
    expect((await plan(inputOf(own))).problems).toMatchObject([
      {
        path: ['method', 'policyOptimization', 'algorithm', 'ppo', 'valueModelId'],
        code: 'INVALID_VALUE',
        message: 'The model is no reward model: it has no head that scores answers.',
      },
    ]);
  });

  const at = (...path: string[]) => ['method', 'policyOptimization', ...path];
  test.each([
    [{ rewards: [] }, at('rewards'), 'REQUIRED'],
    [{ samples: 1 }, at('samples'), 'INVALID_VALUE'],
    [{ algorithm: { ppo: { mostRatio: 1.1 } } }, at('algorithm', 'ppo', 'mostRatio'), 'INVALID_VALUE'],
    [{ algorithm: { ppo: { lambda: 2 } } }, at('algorithm', 'ppo', 'lambda'), 'INVALID_VALUE'],
    [{ samples: 4, algorithm: { onlineDpo: {} } }, at('samples'), 'INVALID_VALUE'],
    [
      { samples: 2, algorithm: { onlineDpo: { betas: [0.1, 0.2] } } },
      at('algorithm', 'onlineDpo', 'betas'),
      'INVALID_VALUE',
    ],
    [{ samples: 2, algorithm: { onlineDpo: {} }, masksTruncated: true }, at('masksTruncated'), 'INVALID_VALUE'],
    [{ temperature: 0 }, at('temperature'), 'INVALID_VALUE'],
    [{ temperature: 1e-30 }, at('temperature'), 'INVALID_VALUE'],
    // Rows have 40 tokens.
    [{ maxTokens: 40 }, at('maxTokens'), 'INVALID_VALUE'],
    [{ algorithm: { grpo: { clipHigh: 11 } } }, at('algorithm', 'grpo', 'clipHigh'), 'INVALID_VALUE'],
    [{ promptColumn: 'question' }, at('promptColumn'), 'UNKNOWN_COLUMN'],
    [
      { rewards: [{ name: 'right', by: { equals: { column: 'solution' } } }] },
      at('rewards', '0', 'by', 'equals', 'column'),
      'UNKNOWN_COLUMN',
    ],
    [{ controlRewards: [short] }, at('controlRewards', '0', 'name'), 'INVALID_VALUE'],
    [{ guards: { lengthGrowth: 1 } }, at('guards', 'lengthGrowth'), 'INVALID_VALUE'],
  ])('refuses %j', async (own, path, code) => {
    expect((await plan(inputOf(own))).problems).toMatchObject([{ path, code }]);
  });
});

describe('a run', () => {
  test('rewards what the model writes, tells of it, and makes a model that writes', async () => {
    const own = {
      rewards: [short, { name: 'right', weight: 0.5, by: { equals: { column: 'answer' } } }],
      controlRewards: [{ name: 'varied', by: { repetition: { n: 2 } } }],
      guards: { klBudget: 100 },
    };
    const { id } = await create(inputOf(own));
    const events: Response[] = [];
    const subscription = `subscription ($id: ID!) { experimentEvents(experimentId: $id) {
      ... on TextsGenerated { seq step texts { text reward isEnded } }
      ... on StatusChanged { seq to problem { code message } } } }`;
    for await (const { experimentEvents: event } of platform.client.subscribe<Response>(subscription, { id })) {
      events.push(event);
      if (['SUCCEEDED', 'FAILED'].includes(event.to)) break;
    }
    expect(events.at(-1)).toMatchObject({ to: 'SUCCEEDED', problem: null });
    const shown = events.filter(({ texts }) => texts !== undefined);
    expect(shown.map(({ step }) => step)).toEqual([0, 5]);
    for (const { reward } of shown[0].texts) expect(reward).toBeLessThanOrEqual(0.5);
    const { node } = await platform.client.request<Response>(
      `query ($id: ID!) { node(id: $id) { ... on Experiment { summary { definition { key } } model { id }
        findings { code } } } }`,
      { id },
    );
    const keys = node.summary.map(({ definition }: Response) => definition.key);
    expect(keys).toEqual(
      expect.arrayContaining([
        'validation/reward',
        'validation/short/reward',
        'validation/varied/control',
        'validation/kl',
        'train/kl',
        'train/entropy',
        'train/logProbabilityGap',
      ]),
    );
    expect(keys).not.toContain('train/loss');

    // A clone has the same settings, its rewards looked up again.
    const clone = await platform.client.request<Response>(
      `${reward} query ($input: CloneExperimentInput!) { planClone(input: $input) { ... on ExperimentPlan { ${method} } ${problems} } }`,
      { input: { experimentId: id } },
    );
    expect(clone.planClone.method.rewards).toEqual([
      { name: 'short', weight: 1, by: { __typename: 'LengthCostReward', unit: 'TOKENS', cost: 0.1 } },
      {
        name: 'right',
        weight: 0.5,
        by: { __typename: 'EqualsReward', column: 'answer', ignoreCase: false, answerPattern: null },
      },
    ]);
  });
});

describe('judged answers that a policy is held against', () => {
  const path = ['method', 'policyOptimization', 'controlPreferences'];
  let judged = '';
  beforeAll(async () => {
    const rows = Array.from({ length: 12 }, (_, index) => ({
      part: index < 4 ? 'train' : 'test',
      prompt: `a ${index} is`,
      chosen: `${index}`,
      rejected: `it is the ${index}`,
      good: index % 2 === 0,
    }));
    const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    judged = (await versionOf(content, 'JSONL', { splitColumn: 'part' })).id;
  });

  test('are found by the roles of their columns, and keep their version', async () => {
    const own = { controlPreferences: { datasetVersionId: judged } };
    const named = {
      datasetVersion: { id: judged },
      split: 'test',
      pairs: 512,
      preference: { kind: 'PAIRS', promptColumn: 'prompt', chosenColumn: 'chosen', rejectedColumn: 'rejected' },
    };
    expect((await plan(inputOf(own))).method.controlPreferences).toEqual(named);
    expect((await plan(inputOf())).method.controlPreferences).toBeNull();
    const { id } = await create(inputOf({ ...own, guards: { stops: true } }));
    const events: Response[] = [];
    const subscription = `subscription ($id: ID!) { experimentEvents(experimentId: $id) {
      ... on StatusChanged { to problem { code message } } } }`;
    for await (const { experimentEvents: event } of platform.client.subscribe<Response>(subscription, { id })) {
      events.push(event);
      if (['SUCCEEDED', 'FAILED'].includes(event.to)) break;
    }
    expect(events.at(-1)).toMatchObject({ to: 'SUCCEEDED', problem: null });
    const { node } = await platform.client.request<Response>(
      `query ($id: ID!) { node(id: $id) { ... on Experiment {
         metricSeries(keys: ["validation/preferenceAccuracy", "validation/preferenceMargin"]) {
           definition { key unit direction } points { step value } } } } }`,
      { id },
    );
    const [accuracy, margin] = node.metricSeries;
    expect(accuracy.definition).toMatchObject({ unit: 'RATIO', direction: 'HIGHER_IS_BETTER' });
    expect(margin.definition).toMatchObject({ unit: 'NATS', direction: 'HIGHER_IS_BETTER' });
    expect(accuracy.points.map(({ step }: Response) => step)).toEqual([0, 5]);
    // Shares of the eight pairs of the split.
    for (const { value } of accuracy.points) expect(8 * value).toBeCloseTo(Math.round(8 * value), 9);

    const clone = await platform.client.request<Response>(
      `${reward} query ($input: CloneExperimentInput!) { planClone(input: $input) { ... on ExperimentPlan { ${method} } ${problems} } }`,
      { input: { experimentId: id } },
    );
    expect(clone.planClone.method.controlPreferences).toEqual(named);
    const { deleteDatasetVersion } = await platform.client.request<Response>(
      `mutation ($input: DeleteDatasetVersionInput!) { deleteDatasetVersion(input: $input) { ... on Problems { problems { code usedBy { kind name } } } } }`,
      { input: { datasetVersionId: judged } },
    );
    expect(deleteDatasetVersion.problems).toMatchObject([
      { code: 'IN_USE', usedBy: [{ kind: 'EXPERIMENT', name: 'short answers' }] },
    ]);
  });

  test.each([
    [{ split: 'dev' }, [...path, 'split'], 'UNKNOWN_SPLIT'],
    [{ pairs: 1 }, [...path, 'pairs'], 'INVALID_VALUE'],
    [
      { preference: { pairs: { chosenColumn: 'better', rejectedColumn: 'rejected' } } },
      [...path, 'preference', 'pairs', 'chosenColumn'],
      'UNKNOWN_COLUMN',
    ],
    [
      { preference: { thumbs: { completionColumn: 'chosen', thumbColumn: 'good' } } },
      [...path, 'preference', 'thumbs'],
      'INVALID_VALUE',
    ],
  ])('are refused: %j', async (wrong, at, code) => {
    const found = (await plan(inputOf({ controlPreferences: { datasetVersionId: judged, ...wrong } }))).problems;
    expect(found).toMatchObject([{ path: at, code }]);
  });

  test('are refused where their version has none, or is none of the project', async () => {
    expect((await plan(inputOf({ controlPreferences: { datasetVersionId: version } }))).problems).toMatchObject([
      { path: [...path, 'preference'], code: 'REQUIRED' },
    ]);
    expect((await plan(inputOf({ controlPreferences: { datasetVersionId: model } }))).problems).toMatchObject([
      { path: [...path, 'datasetVersionId'] },
    ]);
  });
});
