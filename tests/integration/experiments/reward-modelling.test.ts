import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, referenceModel, watchImport } from '../../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';
import { allEvents } from '../../support/training.js';

/** Reward models from the upload to the reward of an answer, on the product as a user starts it. */

let database: TestDatabase;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let [model, version] = ['', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  const id = await importModel(platform.client, { name: 'bert', source: { folder: { path: referenceModel('bert') } } });
  for await (const state of watchImport(platform.client, id)) model = state.model?.id ?? model;
  version = (await versionOf(lines(rows), 'JSONL', { splitColumn: 'part' })).id;
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
});

const { versionOf } = datasetFiles(() => platform.client);
const lines = (all: readonly object[]) => all.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The shorter of two answers is better, always. */
const rows = Array.from({ length: 64 }, (_, index) => ({
  part: index < 40 ? 'train' : 'test',
  prompt: `question number ${index}`,
  chosen: `yes ${index}`,
  rejected: `it is not so that the card of the day ${index} has arrived`,
  strength: 1 + (index % 3),
}));

const problems = '... on Problems { problems { path code message hint } }';
// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const ask = (text: string, variables: object) => platform.client.request<any>(text, variables as never);

const inputOf = (rewardModelling: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => ({
  name: 'shorter',
  baseModelId: model,
  datasetVersionId: version,
  validationSplit: 'test',
  method: { rewardModelling },
  hyperparameters: { epochs: 30, batchSize: 8, learningRate: 3e-3, maxLength: 24 },
  ...more,
});

const plan = async (input: object) =>
  (
    await ask(
      `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
         method { ... on RewardModelling {
           preference { kind promptColumn chosenColumn rejectedColumn strengthColumn completionColumn }
           margin centring weighting unlearnable
         } }
         chosenColumns { column role } trainExamples totalSteps trainableParameters tokens { sampledExamples longest }
         defaults { hyperparameter value }
         hyperparameters { dropout maxLength }
       } ${problems} } }`,
      { input },
    )
  ).planExperiment;

describe('a plan', () => {
  test('says how judgements are read, by the roles of the columns', async () => {
    const planned = await plan(inputOf({}, { hyperparameters: {} }));
    expect(planned).toMatchObject({
      method: {
        preference: {
          kind: 'PAIRS',
          promptColumn: 'prompt',
          chosenColumn: 'chosen',
          rejectedColumn: 'rejected',
          strengthColumn: null,
          completionColumn: null,
        },
        margin: null,
        centring: 0.01,
        weighting: 'PAIRS',
        unlearnable: 'REFUSE',
      },
      trainExamples: 40,
      tokens: { sampledExamples: 80 },
      hyperparameters: { dropout: 0 },
    });
    expect(planned.chosenColumns).toHaveLength(3);
    // 40 pairs in batches of 16 are 3 updates an epoch.
    expect(planned.totalSteps).toBe(6);
  });

  test.each([
    [
      'a column that is not there',
      { preference: { pairs: { chosenColumn: 'chosen', rejectedColumn: 'worse' } } },
      'UNKNOWN_COLUMN',
      ['preference', 'pairs', 'rejectedColumn'],
    ],
    [
      'one column twice',
      { preference: { pairs: { chosenColumn: 'chosen', rejectedColumn: 'chosen' } } },
      'INVALID_VALUE',
      ['preference', 'pairs', 'rejectedColumn'],
    ],
    [
      'texts as strengths',
      { preference: { pairs: { chosenColumn: 'chosen', rejectedColumn: 'rejected', strengthColumn: 'prompt' } } },
      'WRONG_COLUMN_TYPE',
      ['preference', 'pairs', 'strengthColumn'],
    ],
    ['a margin without strengths', { margin: 1 }, 'INVALID_VALUE', ['margin']],
    ['a margin of nothing', { margin: 0 }, 'INVALID_VALUE', ['margin']],
    ['a factor below 0', { centring: -1 }, 'INVALID_VALUE', ['centring']],
    ['a chat template for an encoder', { chatTemplate: '{{ messages }}' }, 'INVALID_VALUE', ['chatTemplate']],
  ])('refuses %s', async (_, method, code, path) => {
    const { problems: found } = await plan(inputOf(method));
    expect(found).toMatchObject([{ code, path: ['method', 'rewardModelling', ...path] }]);
  });

  test('refuses rows that can not be learned, as an experiment does; left out, what can be learned is shown', async () => {
    const bad = await versionOf(lines([...rows, { ...rows[0]!, chosen: 'a', rejected: 'a' }]), 'JSONL', {
      splitColumn: 'part',
    });
    const expected = [{ code: 'UNLEARNABLE_ROWS', path: ['method', 'rewardModelling', 'preference'] }];
    expect((await plan(inputOf({}, { datasetVersionId: bad.id }))).problems).toMatchObject(expected);
    const planned = await plan(inputOf({ unlearnable: 'LEAVE_OUT' }, { datasetVersionId: bad.id }));
    expect(planned).toMatchObject({ trainExamples: 41, tokens: { sampledExamples: 80 } });
    const { createExperiment } = await ask(
      `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
      { input: inputOf({}, { datasetVersionId: bad.id }) },
    );
    expect(createExperiment.problems).toMatchObject(expected);
  });
});

test('a reward model is trained, evaluated and asked', async () => {
  const input = inputOf({
    margin: 0.5,
    preference: {
      pairs: { promptColumn: 'prompt', chosenColumn: 'chosen', rejectedColumn: 'rejected', strengthColumn: 'strength' },
    },
  });
  const { createExperiment } = await ask(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
    { input },
  );
  const id: string = createExperiment.id;
  await allEvents(platform.client, id);
  const { node } = await ask(
    `query ($id: ID!) { node(id: $id) { ... on Experiment {
       status problem { message } findings { code }
       summary(keys: ["validation/accuracy", "validation/margin"]) { value }
       model { id allHeads { task kind ... on RewardHead { mean scale steers evidence { pairs right low high } } } }
     } } }`,
    { id },
  );
  expect(node).toMatchObject({ status: 'SUCCEEDED', problem: null });
  expect(node.summary[0].value).toBe(1);
  expect(node.model.allHeads).toMatchObject([
    { task: 'reward', kind: 'REWARD', steers: true, evidence: { pairs: 24, right: 24, high: 1 } },
  ]);
  expect(node.model.allHeads[0].scale).toBeGreaterThan(0);

  const { evaluate } = await ask(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { input: { modelId: node.model.id, datasetVersionId: version, split: 'test' } },
  );
  for await (const { evaluationChanged } of platform.client.subscribe<{
    evaluationChanged: { readonly status: string };
  }>(`subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status } }`, { id: evaluate.id })) {
    if (['SUCCEEDED', 'FAILED'].includes(evaluationChanged.status)) break;
  }
  const evaluated = await ask(
    `query ($id: ID!) { node(id: $id) { ... on Evaluation {
       status problem { message } preference { kind chosenColumn strengthColumn } findings { code }
       scores { task kind exampleCount ... on RewardScores {
         accuracy low right ties textCount margin calibrationError confidenceBins { from count } lengthCorrelation
         byLength { chosenIs pairs right } leftOutCount truncatedCount
       } }
       examples(first: 3) { totalCount nodes {
         row isRight error confidence text ... on RewardExample { chosenReward rejectedReward }
       } }
     } } }`,
    { id: evaluate.id },
  );
  expect(evaluated.node).toMatchObject({
    status: 'SUCCEEDED',
    preference: { kind: 'PAIRS', chosenColumn: 'chosen', strengthColumn: 'strength' },
    scores: [
      {
        task: 'reward',
        kind: 'REWARD',
        accuracy: 1,
        right: 24,
        ties: 0,
        byLength: [
          { chosenIs: 'SHORTER', pairs: 24, right: 24 },
          { chosenIs: 'ALIKE', pairs: 0, right: 0 },
          { chosenIs: 'LONGER', pairs: 0, right: 0 },
        ],
      },
    ],
    examples: { nodes: [{ isRight: true }, { isRight: true }, { isRight: true }] },
  });
  const [scores] = evaluated.node.scores;
  expect(Number(scores.exampleCount)).toBe(24);
  expect(scores.lengthCorrelation).toBeLessThan(-0.5);
  expect(scores.confidenceBins.reduce((sum: number, { count }: { count: string }) => sum + Number(count), 0)).toBe(24);
  for (const { chosenReward, rejectedReward, text } of evaluated.node.examples.nodes) {
    expect(chosenReward).toBeGreaterThan(rejectedReward);
    expect(text).toMatch(/^yes/);
  }

  const predicted = await ask(
    `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts {
       tokenCount predictions { task kind ... on RewardPrediction { reward output } }
     } } ${problems} } }`,
    {
      input: {
        modelId: node.model.id,
        texts: ['question number 1', 'question number 1'],
        pairs: ['yes 1', 'it is not so that the card of the day 1 has arrived'],
      },
    },
  );
  const [short, long] = predicted.predict.texts.map(
    ({ predictions }: { predictions: { reward: number }[] }) => predictions[0]!.reward,
  );
  expect(short).toBeGreaterThan(long);
  const { mean, scale } = node.model.allHeads[0];
  const { reward, output } = predicted.predict.texts[0].predictions[0];
  expect(reward).toBeCloseTo((output - mean) / scale, 5);

  const refused = await ask(
    `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ${problems} } }`,
    { input: { modelId: node.model.id, datasetVersionId: version, split: 'test', textColumn: 'chosen' } },
  );
  expect(refused.evaluate.problems).toMatchObject([{ code: 'INVALID_VALUE', path: ['textColumn'] }]);
});

test('a model that reads single texts is asked with prompts as it was trained with them', async () => {
  const { project } = await ask('{ project { baseModel(name: "use-lite") { id } } }', {});
  const { createExperiment } = await ask(
    `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`,
    { input: inputOf({}, { baseModelId: project.baseModel.id, hyperparameters: { epochs: 1, maxLength: 24 } }) },
  );
  await allEvents(platform.client, createExperiment.id);
  const { node } = await ask('query ($id: ID!) { node(id: $id) { ... on Experiment { model { id } } } }', {
    id: createExperiment.id,
  });
  const outputs = async (input: object): Promise<number[]> => {
    const { predict } = await ask(
      `mutation ($input: PredictInput!) { predict(input: $input) { ... on Prediction { texts {
         predictions { ... on RewardPrediction { output } } } } ${problems} } }`,
      { input: { modelId: node.model.id, ...input } },
    );
    expect(predict.problems).toBeUndefined();
    return predict.texts.map(({ predictions }: { predictions: { output: number }[] }) => predictions[0]!.output);
  };
  const [joined, alone] = await outputs({ texts: ['question number 1\n\nyes 1', 'yes 1'] });
  const [paired] = await outputs({ texts: ['question number 1'], pairs: ['yes 1'] });
  expect(paired).toBeCloseTo(joined!, 5);
  expect(paired).not.toBeCloseTo(alone!, 5);
});
