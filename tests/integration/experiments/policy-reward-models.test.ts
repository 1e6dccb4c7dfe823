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
});
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
    `query ($id: ID!) { node(id: $id) { ... on Experiment { id status problem { message } findings { code } ${method}
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
const by = (name: string, modelId: string) => ({ name, by: { rewardModel: { modelId } } });
const plan = async (input: object) =>
  (
    await ask(
      `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
         estimatedMemoryBytes ${method} } ${problems} } }`,
      { input },
    )
  ).planExperiment;
const deleted = async (modelId: string, cascade: boolean) =>
  (
    await ask(
      `mutation ($input: DeleteModelInput!) { deleteModel(input: $input) { ... on Deletion { counts { kind count } } ${problems} } }`,
      { input: { modelId, cascade } },
    )
  ).deleteModel;
const at = (...path: string[]) => ['method', 'policyOptimization', ...path];

describe('a policy', () => {
  test('learns what a reward model likes, and another one tells that it is gamed', async () => {
    const judge = await judgeOf('long', version);
    const other = await judgeOf('short', version);
    const hyperparameters = { batchSize: 8, maxLength: 40, learningRate: 0.02, epochs: 6 };
    const own = { samples: 8, rewards: [by('judge', judge)], controlRewards: [by('other', other)] };
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
    const liked = points('validation/judge/reward', run);
    expect(liked.at(-1)).toBeGreaterThan(liked[0]);
    const disliked = points('validation/other/control', run);
    expect(disliked.at(-1)).toBeLessThan(disliked[0]);
    expect(run.findings.map(({ code }: Response) => code)).toContain('REWARD_OVEROPTIMIZED');

    // Both reward models are used; while a run is at work, they are not deleted at all.
    expect((await deleted(other, false)).problems).toMatchObject([
      { code: 'IN_USE', usedBy: [{ kind: 'EXPERIMENT', name: 'taught by a judge' }] },
    ]);
    const second = await create(
      inputOf(
        { rewards: [by('judge', judge)], referenceModelId: writer },
        { baseModelId: run.model.id, name: 'second' },
      ),
    );
    for (const model of [judge, writer]) {
      expect((await deleted(model, true)).problems).toMatchObject([{ code: 'CONFLICT' }]);
    }

    // It begins where the first one ended, seen from the model that the first one began with.
    await allEvents(platform.client, second);
    const { node } = await ask(
      `query ($id: ID!) { node(id: $id) { ... on Experiment { status ${method}
         metricSeries(keys: ["validation/kl"]) { definition { key } points { value } } } } }`,
      { id: second },
    );
    expect(node).toMatchObject({ status: 'SUCCEEDED', method: { referenceModel: { id: writer } } });
    expect(points('validation/kl', run)[0]).toBeCloseTo(0, 5);
    expect(points('validation/kl', node)[0]).toBeGreaterThan(0.01);
    const { planClone } = await ask(
      `query ($input: CloneExperimentInput!) { planClone(input: $input) { ... on ExperimentPlan { ${method} } ${problems} } }`,
      { input: { experimentId: second } },
    );
    expect(planClone.method).toEqual(node.method);

    // What is at an end goes with a model that it used, where that is wanted.
    const gone = await deleted(judge, true);
    expect(gone.counts).toContainEqual({ kind: 'EXPERIMENT', count: 2 });
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
