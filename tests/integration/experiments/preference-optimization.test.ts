import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { datasetFiles } from '../../support/dataset-files.js';
import { importModel, watchImport } from '../../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../../support/platform.js';

/** Preference optimization from the upload to the trained model, on the product as a user starts it. */

let database: TestDatabase;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let folder: string;
let [model, gpt2, pairs, thumbs, rated] = ['', '', '', '', ''];
beforeAll(async () => {
  database = await createTestDatabase();
  platform = await startTestPlatform({ databaseUrl: database.url, env: { ATTUNE_WORKERS: '1' } });
  worker = startTestWorker({ databaseUrl: database.url, home: platform.home });
  folder = await mkdtemp(join(tmpdir(), 'attune-preferences-'));
  model = await imported('llama');
  gpt2 = await imported('gpt2');
  pairs = (await versionOf(lines(pairRows), 'JSONL')).id;
  thumbs = (await versionOf(lines(thumbRows), 'JSONL')).id;
  rated = (await versionOf(lines(ratedRows), 'JSONL')).id;
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

async function imported(family: 'llama' | 'gpt2'): Promise<string> {
  const path = fileURLToPath(decoderFolder(family));
  const id = await importModel(platform.client, { name: family, source: { folder: { path } } });
  let found = '';
  for await (const state of watchImport(platform.client, id)) found = state.model?.id ?? found;
  return found;
}

const { versionOf } = datasetFiles(() => platform.client);
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const pairRows = Array.from({ length: 40 }, (_, index) => ({
  prompt: `a ${index}?`,
  chosen: index % 2 === 0 ? ' yes' : ' yes yes',
  rejected: ' no',
  strength: index % 3,
}));
const thumbRows = pairRows.map(({ prompt, chosen, rejected }, index) => ({
  prompt,
  completion: index % 2 === 0 ? chosen : rejected,
  good: index % 2 === 0,
}));
const ratedRows = pairRows.flatMap(({ prompt, chosen, rejected }) => [
  { prompt, completion: chosen, rating: 5 },
  { prompt, completion: rejected, rating: 1 },
]);

const inPairs = { pairs: { promptColumn: 'prompt', chosenColumn: 'chosen', rejectedColumn: 'rejected' } };
const inThumbs = { thumbs: { promptColumn: 'prompt', completionColumn: 'completion', thumbColumn: 'good' } };
const inRatings = { rated: { promptColumn: 'prompt', completionColumn: 'completion', ratingColumn: 'rating' } };

const problems = '... on Problems { problems { path code message hint } }';
const method = `method { ... on PreferenceOptimization {
  preference { kind chosenColumn } hasReference referenceModel { id } unlearnable
  preferenceObjective { kind beta dpoLoss ktoLoss labelSmoothing sftWeight tailWeight strengthMargin gamma learnsPrompts desirableWeight undesirableWeight }
} }`;
const planned = `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
  ${method} hyperparameters { learningRate epochs batchSize dropout maxLength } trainExamples totalSteps
  tokens { sampledExamples } estimatedMemoryBytes
} ${problems} } }`;
const created = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on Experiment { id } ${problems} } }`;

const inputOf = (more: Record<string, unknown> = {}, preferences: Record<string, unknown> = {}) => ({
  name: 'preferences',
  baseModelId: model,
  datasetVersionId: pairs,
  method: { preferenceOptimization: { preference: inPairs, ...preferences } },
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const plan = async (input: object) => (await platform.client.request<any>(planned, { input })).planExperiment;
// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const create = async (input: object) => (await platform.client.request<any>(created, { input })).createExperiment;

async function train(input: object): Promise<string> {
  const { id, ...refused } = await create(input);
  expect(refused).toEqual({});
  const events = platform.client.subscribe<{ experimentEvents: { to?: string; problem?: object | null } }>(
    `subscription ($id: ID!) { experimentEvents(experimentId: $id, kinds: [STATUS_CHANGED]) { ... on StatusChanged { to problem { message } } } }`,
    { id },
  );
  for await (const { experimentEvents: event } of events) {
    expect(event.problem ?? null).toBeNull();
    if (event.to === 'SUCCEEDED') break;
  }
  return id;
}

describe('a plan', () => {
  test('takes the column of prompts by its role where pairs do not name it, unless it is null', async () => {
    const inRoles = (promptColumn?: null) =>
      inputOf({}, { preference: { pairs: { promptColumn, chosenColumn: 'chosen', rejectedColumn: 'rejected' } } });
    const read = async (input: object) => {
      const text = `query ($input: CreateExperimentInput!) { planExperiment(input: $input) { ... on ExperimentPlan {
        chosenColumns { column role } method { ... on PreferenceOptimization { preference { promptColumn } } } } } }`;
      // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
      return (await platform.client.request<any>(text, { input })).planExperiment;
    };
    expect(await read(inRoles())).toEqual({
      chosenColumns: [{ column: 'prompt', role: 'PROMPT' }],
      method: { preference: { promptColumn: 'prompt' } },
    });
    expect(await read(inRoles(null))).toEqual({
      chosenColumns: [],
      method: { preference: { promptColumn: null } },
    });
  });

  test('has DPO with its defaults, the base model as the reference, and no dropout', async () => {
    const { method, hyperparameters, ...rest } = await plan(inputOf());
    expect(method).toEqual({
      preference: { kind: 'PAIRS', chosenColumn: 'chosen' },
      hasReference: true,
      referenceModel: null,
      unlearnable: 'REFUSE',
      preferenceObjective: {
        kind: 'DPO',
        beta: 0.1,
        dpoLoss: 'SIGMOID',
        ktoLoss: null,
        labelSmoothing: 0,
        sftWeight: 0,
        tailWeight: 1,
        strengthMargin: 0,
        gamma: null,
        learnsPrompts: null,
        desirableWeight: null,
        undesirableWeight: null,
      },
    });
    expect(hyperparameters).toMatchObject({ batchSize: 8, epochs: 1, dropout: 0 });
    expect(rest).toMatchObject({ trainExamples: 32, totalSteps: 4, tokens: { sampledExamples: 64 } });
    // Both answers of a pair are in a batch.
    const ofThumbs = await plan(inputOf({ datasetVersionId: thumbs }, { preference: inThumbs }));
    expect(rest.estimatedMemoryBytes).toBeGreaterThan(ofThumbs.estimatedMemoryBytes);
  });

  test('of thumbs has KTO, and of an adapter ten times the rate', async () => {
    const { method, hyperparameters } = await plan(inputOf({ datasetVersionId: thumbs }, { preference: inThumbs }));
    expect(method.preferenceObjective).toMatchObject({ kind: 'KTO', ktoLoss: 'MISMATCHED', desirableWeight: 1 });
    const adapted = await plan(inputOf({ hyperparameters: { adapter: { lora: { rank: 4 } } } }));
    expect(adapted.hyperparameters.learningRate).toBeCloseTo(10 * hyperparameters.learningRate, 12);
  });

  test('finds the columns by their roles', async () => {
    const input = inputOf({ method: { preferenceOptimization: {} } });
    expect((await plan(input)).method.preference).toEqual({ kind: 'PAIRS', chosenColumn: 'chosen' });
  });

  const at = (...path: string[]) => ['method', 'preferenceOptimization', ...path];
  test.each([
    ['thumbs for DPO', { preference: inThumbs, objective: { dpo: {} } }, at('objective'), () => thumbs],
    ['ratings for KTO', { preference: inRatings, objective: { kto: {} } }, at('objective'), () => rated],
    ['a β of 0', { objective: { dpo: { beta: 0 } } }, at('objective', 'dpo', 'beta'), () => pairs],
    [
      'half of the labels smoothed',
      { objective: { simpo: { labelSmoothing: 0.5 } } },
      at('objective', 'simpo', 'labelSmoothing'),
      () => pairs,
    ],
    [
      'labels that a loss does not smooth',
      { objective: { dpo: { loss: 'IPO', labelSmoothing: 0.1 } } },
      at('objective', 'dpo', 'labelSmoothing'),
      () => pairs,
    ],
    [
      'margins of strengths that nothing says',
      { objective: { dpo: { strengthMargin: 1 } } },
      at('objective', 'dpo', 'strengthMargin'),
      () => pairs,
    ],
    [
      'probabilities that a loss does not read',
      {
        preference: { pairs: { ...inPairs.pairs, probabilityColumn: 'strength' } },
        objective: { orpo: {} },
      },
      at('preference', 'pairs', 'probabilityColumn'),
      () => pairs,
    ],
  ])('refuses %s', async (_, preferences, path, version) => {
    const { problems } = await plan(inputOf({ datasetVersionId: version() }, preferences));
    expect(problems).toMatchObject([{ path, code: 'INVALID_VALUE' }]);
  });

  test('refuses dropout, a reference that reads other tokens, and one where nothing is compared', async () => {
    expect((await plan(inputOf({ hyperparameters: { dropout: 0.1 } }))).problems).toMatchObject([
      { path: ['hyperparameters', 'dropout'], code: 'INVALID_VALUE' },
    ]);
    const path = at('referenceModelId');
    expect((await plan(inputOf({}, { referenceModelId: gpt2 }))).problems).toMatchObject([
      { path, code: 'INVALID_VALUE', message: expect.stringContaining('tokenizer') },
    ]);
    const without = { referenceModelId: model, objective: { orpo: {} } };
    expect((await plan(inputOf({}, without))).problems).toMatchObject([{ path, code: 'INVALID_VALUE' }]);
  });

  test('takes strengths where a column says them', async () => {
    const preference = { pairs: { ...inPairs.pairs, strengthColumn: 'strength' } };
    const { method } = await plan(inputOf({}, { preference, objective: { dpo: { strengthMargin: 0.5 } } }));
    expect(method.preferenceObjective.strengthMargin).toBe(0.5);
  });
});

describe('an experiment', () => {
  test('learns, and the next one starts from it and compares with the first model', async () => {
    const hyperparameters = { epochs: 3, learningRate: 0.01, maxLength: 32 };
    const first = await train(inputOf({ hyperparameters }));
    const experiment = (id: string) =>
      platform.client
        // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
        .request<any>(
          `query ($id: ID!) { experiment(id: $id) { ${method} findings { code severity }
            metricSeries(keys: ["validation/accuracy", "validation/rewardMargin", "validation/loss"]) { definition { key } points { step value } }
            summary { definition { key unit direction } } model { id } } }`,
          { id },
        )
        .then(({ experiment }) => experiment);
    const learned = await experiment(first);
    const pointsOf = (key: string, of = learned) =>
      of.metricSeries.find(({ definition }: { definition: { key: string } }) => definition.key === key).points;
    expect(pointsOf('validation/loss')[0]).toEqual({ step: 0, value: expect.closeTo(Math.log(2), 5) });
    expect(pointsOf('validation/accuracy').at(-1).value).toBe(1);
    expect(pointsOf('validation/rewardMargin').at(-1).value).toBeGreaterThan(0);
    const margin = learned.summary.find(
      ({ definition }: { definition: { key: string } }) => definition.key === 'validation/rewardMargin',
    );
    expect(margin.definition.direction).toBe('HIGHER_IS_BETTER');

    const input = inputOf(
      { baseModelId: learned.model.id, hyperparameters: { ...hyperparameters, epochs: 1 } },
      { referenceModelId: model },
    );
    const second = await train(input);
    const again = await experiment(second);
    expect(again.method).toMatchObject({ hasReference: true, referenceModel: { id: model } });
    // What the reference says of the same answers was kept by the first one.
    const said = [];
    const logged = platform.client.subscribe<{ experimentEvents: { readonly message?: string; readonly to?: string } }>(
      `subscription ($id: ID!) { experimentEvents(experimentId: $id) {
        ... on LogLine { message } ... on StatusChanged { to } } }`,
      { id: second },
    );
    for await (const { experimentEvents } of logged) {
      if (experimentEvents.message?.startsWith('Log-probabilities by the reference'))
        said.push(experimentEvents.message);
      if (experimentEvents.to === 'SUCCEEDED') break;
    }
    expect(said).toEqual([expect.stringMatching(/: the kept ones of \d+ texts were read$/)]);
    // It begins where the first one ended, seen from the same reference.
    expect(pointsOf('validation/rewardMargin', again)[0].value).toBeGreaterThan(0);

    // A clone compares with the same model, which is in use.
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { planClone, node } = await platform.client.request<any>(
      `query ($input: CloneExperimentInput!, $model: ID!) {
        planClone(input: $input) { ... on ExperimentPlan { ${method} } ${problems} }
        node(id: $model) { ... on BaseModel { dependents(first: 10) { totalCount nodes { name } } } }
      }`,
      { input: { experimentId: second }, model },
    );
    expect(planClone.method).toEqual(again.method);
    // Both experiments, of which the second one trained another model.
    expect(node.dependents).toEqual({ totalCount: 2, nodes: [{ name: 'preferences' }, { name: 'preferences' }] });
  });
});

describe('an evaluation on judged answers', () => {
  const evaluation = `id preference { kind } preferenceReading { hasReference beta maxLength truncationSide chatTemplate } baseline { id }`;
  const evaluate = async (input: object) => {
    const mutation = `mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { ${evaluation} } ${problems} } }`;
    const all = { input: { datasetVersionId: pairs, split: 'train', ...input } };
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    return (await platform.client.request<any>(mutation, all)).evaluate;
  };
  const scored = async (id: string) => {
    const events = platform.client.subscribe<{ evaluationChanged: { readonly status: string } }>(
      `subscription ($id: ID!) { evaluationChanged(evaluationId: $id) { status } }`,
      { id },
    );
    for await (const { evaluationChanged } of events) {
      if (['SUCCEEDED', 'FAILED'].includes(evaluationChanged.status)) break;
    }
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { node } = await platform.client.request<any>(
      `query ($id: ID!) { node(id: $id) { ... on Evaluation { status problem { message }
        scores { task kind exampleCount ... on PreferenceScores {
          right ties accuracy low high margin chosenLogProbability rejectedLogProbability leftOutCount
          byReference { right ties accuracy low high margin beta divergence }
        } }
        examples(first: 2) { totalCount nodes { isRight ... on PreferenceExample { chosenReward rejectedReward chosenLogProbability } } }
      } } }`,
      { id },
    );
    return node;
  };

  test('compares a model with the one that it started from, and both side by side', async () => {
    const hyperparameters = { epochs: 3, learningRate: 0.01, maxLength: 32 };
    const ids = [
      await train(inputOf({ hyperparameters })),
      await train(inputOf({ hyperparameters: { ...hyperparameters, epochs: 1 } })),
    ];
    const found = [];
    for (const id of ids) {
      const { experiment } = await platform.client.request<{ experiment: { model: { id: string } } }>(
        'query ($id: ID!) { experiment(id: $id) { model { id } } }',
        { id },
      );
      const asked = await evaluate({ modelId: experiment.model.id, preferenceReading: {} });
      expect(asked).toMatchObject({
        preference: { kind: 'PAIRS' },
        preferenceReading: { hasReference: true, beta: 0.1, maxLength: 32, chatTemplate: null },
        baseline: { id: model },
      });
      found.push(await scored(asked.id));
    }
    const [first] = found;
    const [scores] = first.scores;
    expect(first).toMatchObject({ status: 'SUCCEEDED', problem: null });
    expect(scores).toMatchObject({ task: 'preferences', kind: 'PREFERENCES', ties: 0 });
    // Of 40 pairs, the split has four fifths.
    expect(Number(scores.exampleCount)).toBe(32);
    expect(scores.byReference).toMatchObject({ right: 32, ties: 0, accuracy: 1, high: 1, beta: 0.1 });
    // Wilson's lower bound of 32 of 32: 32 / (32 + 1.96²).
    expect(scores.byReference.low).toBeCloseTo(32 / (32 + 1.959964 ** 2), 5);
    expect(scores.byReference.divergence).toBeGreaterThan(0);
    expect(Number(first.examples.totalCount)).toBe(32);
    for (const { chosenReward, rejectedReward } of first.examples.nodes)
      expect(chosenReward).toBeGreaterThan(rejectedReward);

    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { compareExperiments } = await platform.client.request<any>(
      `query ($ids: [ID!]!) { compareExperiments(ids: $ids) { ... on ExperimentComparison { evaluations { tasks {
        task targetColumns measures { measure values differences best { id } }
      } } } } }`,
      { ids },
    );
    const [{ tasks }] = compareExperiments.evaluations;
    expect(tasks).toMatchObject([{ task: 'preferences', targetColumns: [] }]);
    const margin = tasks[0].measures.find(({ measure }: { measure: string }) => measure === 'REFERENCE_MARGIN');
    expect(margin.values).toEqual(found.map(({ scores: [each] }) => each.byReference.margin));
    expect(margin.best).toEqual({ id: ids[margin.values[0] >= margin.values[1] ? 0 : 1] });
  });

  test('of a model from elsewhere has no reference, and reads ratings', async () => {
    const asked = await evaluate({ modelId: model, datasetVersionId: rated, preference: inRatings });
    expect(asked).toMatchObject({
      preference: { kind: 'RATED' },
      preferenceReading: { hasReference: false },
      baseline: null,
    });
    const { scores } = await scored(asked.id);
    expect(Number(scores[0].exampleCount)).toBeGreaterThan(0);
    expect(scores[0].byReference).toBeNull();
  });

  test.each([
    ['thumbs', () => ({ datasetVersionId: thumbs, preference: inThumbs }), ['preference', 'thumbs']],
    [
      'a reference with another tokenizer',
      () => ({ preferenceReading: { referenceId: gpt2 } }),
      ['preferenceReading', 'referenceId'],
    ],
    [
      'a reference and none',
      () => ({ preferenceReading: { referenceId: model, withoutReference: true } }),
      ['preferenceReading', 'referenceId'],
    ],
    ['a β of 0', () => ({ preferenceReading: { beta: 0 } }), ['preferenceReading', 'beta']],
    ['a text of one token', () => ({ preferenceReading: { maxLength: 1 } }), ['preferenceReading', 'maxLength']],
    ['tokens beside', () => ({ preferenceReading: {}, tokens: {} }), ['tokens']],
  ])('refuses %s', async (_, input, path) => {
    expect((await evaluate({ modelId: model, ...input() })).problems).toMatchObject([{ path, code: 'INVALID_VALUE' }]);
  });
});
