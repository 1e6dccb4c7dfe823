import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, referenceModel, watchImport } from '../../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';
import { allEvents } from '../../support/training.js';

/** Policies that reward models teach, compared with a model of the project, on the product as a user starts it. */

// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
type Response = any;
let database: TestDatabase;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let [writer, gpt2, encoder, version, few] = ['', '', '', '', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  writer = await imported('llama', fileURLToPath(decoderFolder('llama')));
  gpt2 = await imported('gpt2', fileURLToPath(decoderFolder('gpt2')));
  encoder = await imported('bert', referenceModel('bert'));
  version = (await versionOf(lines(rows), 'JSONL', { splitColumn: 'part' })).id;
  // Three pairs tell nobody whether a model is above chance, however many of them it has right.
  few = (await versionOf(lines(rows.slice(0, 43)), 'JSONL', { splitColumn: 'part' })).id;
}, 300_000);
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
});

const { versionOf } = datasetFiles(() => platform.client);
const lines = (all: readonly object[]) => all.map((row) => `${JSON.stringify(row)}\n`).join('');

/** One answer is short, the other one long. */
const rows = Array.from({ length: 64 }, (_, index) => ({
  part: index < 40 ? 'train' : 'test',
  prompt: `question number ${index}`,
  short: `yes ${index}`,
  long: `it is not so that the card of the day ${index} has arrived`,
}));

const problems = '... on Problems { problems { path code message usedBy { kind name } } }';
const ask = (text: string, variables: object): Promise<Response> => platform.client.request(text, variables as never);

async function imported(name: string, path: string): Promise<string> {
  let model = '';
  const id = await importModel(platform.client, { name, source: { folder: { path } } });
  for await (const state of watchImport(platform.client, id)) model = state.model?.id ?? model;
  return model;
}

async function create(input: object): Promise<string> {
  const { createExperiment } = await ask(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
    { input },
  );
  expect(createExperiment.problems).toBeUndefined();
  return createExperiment.id;
}

const method = `method { ... on PolicyOptimization { referenceModel { id }
  rewards { name by { __typename ... on RewardModelReward { modelId } } model { id } }
  controlRewards { name by { __typename ... on RewardModelReward { modelId } } } } }`;

/** Trains to the end; returns the experiment. */
async function trained(input: object): Promise<Response> {
  const id = await create(input);
  await allEvents(platform.client, id);
  const { node } = await ask(
    `query ($id: ID!) { node(id: $id) { ... on Experiment { id status problem { message } ${method}
       metricSeries(keys: ["validation/judge/reward", "validation/other/control", "validation/kl"]) {
         definition { key } points { step value } }
       model { id } } } }`,
    { id },
  );
  expect(node).toMatchObject({ status: 'SUCCEEDED', problem: null });
  return node;
}

/** A reward model that likes one of the answers better. */
async function judgeOf(chosenColumn: 'short' | 'long', datasetVersionId: string): Promise<string> {
  const rejectedColumn = chosenColumn === 'short' ? 'long' : 'short';
  const { model } = await trained({
    name: `likes ${chosenColumn} answers`,
    baseModelId: encoder,
    datasetVersionId,
    validationSplit: 'test',
    method: { rewardModelling: { preference: { pairs: { promptColumn: 'prompt', chosenColumn, rejectedColumn } } } },
    hyperparameters: { epochs: 20, batchSize: 8, learningRate: 3e-3, maxLength: 24 },
  });
  return model.id;
}

const inputOf = (own: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  name: 'taught by a judge',
  baseModelId: writer,
  datasetVersionId: version,
  validationSplit: 'test',
  method: { policyOptimization: { promptColumn: 'prompt', maxTokens: 10, samples: 4, ...own } },
  hyperparameters: { batchSize: 8, maxLength: 40, learningRate: 0.01, epochs: 1 },
  ...more,
});

const rewardModel = {
  preference: { pairs: { promptColumn: 'prompt', chosenColumn: 'short', rejectedColumn: 'long' } },
};

test('a decoder that became a reward model writes no texts: neither policies nor DPO begin with it', async () => {
  const { model } = await trained({
    name: 'a decoder that judges',
    baseModelId: writer,
    datasetVersionId: version,
    validationSplit: 'test',
    method: { rewardModelling: rewardModel },
    hyperparameters: { epochs: 1, batchSize: 8, maxLength: 24 },
  });
  const refused = { path: ['baseModelId'], code: 'UNSUPPORTED_MODEL' };
  const more = { baseModelId: model.id };
  const rewards = [{ name: 'short', by: { lengthCost: { cost: 0.1 } } }];
  expect((await plan(inputOf({ rewards }, more))).problems).toMatchObject([refused]);
  const method = { preferenceOptimization: rewardModel };
  expect((await plan({ ...inputOf({}, more), method })).problems).toMatchObject([refused]);
  const compared = {
    ...inputOf({}),
    method: { preferenceOptimization: { ...rewardModel, referenceModelId: model.id } },
  };
  expect((await plan(compared)).problems).toMatchObject([
    { path: ['method', 'preferenceOptimization', 'referenceModelId'], code: 'UNSUPPORTED_MODEL' },
  ]);
});

const by = (name: string, modelId: string) => ({ name, by: { rewardModel: { modelId } } });
const plan = async (input: object) =>
  (
    await ask(
      `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
         estimatedMemoryBytes ${method} } ${problems} } }`,
      { input },
    )
  ).planExperiment;
const at = (...path: string[]) => ['method', 'policyOptimization', ...path];

describe('a policy', () => {
  test('is taught by a reward model, and another one is measured beside it', async () => {
    const judge = await judgeOf('long', version);
    const other = await judgeOf('short', version);
    const hyperparameters = { batchSize: 8, maxLength: 40, learningRate: 0.01, epochs: 2 };
    const own = { rewards: [by('judge', judge)], controlRewards: [by('other', other)] };
    const run = await trained(inputOf(own, { hyperparameters }));
    expect(run.method).toEqual({
      referenceModel: null,
      rewards: [{ name: 'judge', by: { __typename: 'RewardModelReward', modelId: judge }, model: { id: judge } }],
      controlRewards: [{ name: 'other', by: { __typename: 'RewardModelReward', modelId: other } }],
    });
    const points = (key: string, of: Response) =>
      of.metricSeries
        .find(({ definition }: Response) => definition.key === key)
        .points.map(({ value }: Response) => value);
    // Before the first update, and after each epoch.
    for (const key of ['validation/judge/reward', 'validation/other/control', 'validation/kl']) {
      expect(points(key, run), key).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    }
    expect(points('validation/kl', run).at(-1)).toBeGreaterThan(0);
  });

  test('is not taught by a reward model that may be no better than chance', async () => {
    const weak = await judgeOf('short', few);
    const refusal = {
      code: 'REWARD_MODEL_UNPROVEN',
      message: expect.stringMatching(/of 3 pairs that it did not learn, it has \d right \(95 %: 0\.\d{3} to /),
    };
    expect((await plan(inputOf({ rewards: [by('judge', weak)] }))).problems).toMatchObject([
      { ...refusal, path: at('rewards', '0', 'by', 'rewardModel', 'modelId') },
    ]);
  });

  test('is compared with a decoder that reads the same tokens', async () => {
    const rewards = [{ name: 'short', by: { lengthCost: { cost: 0.1 } } }];
    const refused = async (referenceModelId: string) => (await plan(inputOf({ rewards, referenceModelId }))).problems;
    const path = at('referenceModelId');
    expect(await refused(gpt2)).toMatchObject([
      { path, code: 'INVALID_VALUE', message: expect.stringContaining('another tokenizer') },
    ]);
    expect(await refused(encoder)).toMatchObject([
      { path, code: 'INVALID_VALUE', message: expect.stringContaining('no decoder') },
    ]);
    expect((await plan(inputOf({ rewards, referenceModelId: writer }))).method.referenceModel).toBeNull();
  });
});
