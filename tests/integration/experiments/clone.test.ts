import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseGlobalId } from '../../../src/graphql/global-id.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { startTestApi, type TestApi, topicCounts } from '../../support/api.js';
import { digest, ids, insertBaseModel, insertDataset, tinyBert } from '../../support/rows.js';

interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly hint: string | null;
}
interface Made {
  readonly __typename: 'Experiment';
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly notes: string;
  readonly priority: number;
  readonly clonedFrom: { readonly id: string } | null;
}
type Result = Made | { readonly __typename: 'Problems'; readonly problems: readonly Problem[] };
type Input = Record<string, unknown>;

let api: TestApi;
let bert: string;
let use: string;
let mails: string;
let supervised: Input;
beforeAll(async () => {
  api = await startTestApi();
  bert = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'bert', manifest: tinyBert }));
  use = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'use' }));
  mails = ids.version((await insertDataset(api.dataSource, api.projectId, { name: 'mails' })).versionIds[0]!);
  supervised = {
    name: 'source',
    baseModelId: bert,
    datasetVersionId: mails,
    method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
  };
});
afterAll(() => api?.close());
beforeEach(() => {
  api.labelCounts = topicCounts;
});

async function make(mutation: 'createExperiment' | 'cloneExperiment', input: Input): Promise<Result> {
  const type = mutation === 'createExperiment' ? 'CreateExperimentInput' : 'CloneExperimentInput';
  const data = await api.request<Record<string, Result>>(
    /* GraphQL */ `mutation ($input: ${type}!) { ${mutation}(input: $input) {
      __typename
      ... on Experiment { id name tags notes priority clonedFrom { id } }
      ... on Problems { problems { path code hint } }
    } }`,
    { input },
  );
  return data[mutation]!;
}

async function made(result: Promise<Result>): Promise<Made> {
  const answer = await result;
  if (answer.__typename !== 'Experiment') throw new Error(JSON.stringify(answer));
  return answer;
}

const create = (change: Input = {}): Promise<Made> => made(make('createExperiment', { ...supervised, ...change }));
const clone = (experimentId: string, change: Input = {}): Promise<Made> =>
  made(make('cloneExperiment', { experimentId, ...change }));

async function problemsOf(experimentId: string, change: Input): Promise<readonly (readonly [string, string])[]> {
  const answer = await make('cloneExperiment', { experimentId, ...change });
  if (answer.__typename !== 'Problems') throw new Error('It was cloned.');
  return answer.problems.map(({ path, code }) => [path.join('.'), code]);
}

async function specOf({ id }: { readonly id: string }): Promise<RunSpec> {
  const [row] = await api.dataSource.query(
    `SELECT e.spec, j.payload -> 'spec' AS queued
       FROM experiments e JOIN runs r ON r.experiment_id = e.id JOIN jobs j ON j.run_id = r.id WHERE e.id = $1`,
    [parseGlobalId(id)!.uuid],
  );
  expect(row.queued).toEqual(row.spec);
  return row.spec;
}

const everything = {
  method: {
    multiTask: {
      textColumn: 'text',
      tasks: [
        {
          name: 'topic',
          labelColumn: 'label',
          classWeights: { kind: 'EXPLICIT', weights: [{ label: 'spam', weight: 2.5 }] },
        },
        { name: 'rating', labelColumn: 'stars', weight: 0.25, classWeights: { kind: 'BALANCED' } },
      ],
      lossWeighting: 'UNCERTAINTY',
    },
  },
  trainSplit: 'train',
  validationSplit: 'test',
  hyperparameters: {
    learningRate: 0.00123,
    epochs: 3,
    batchSize: 7,
    gradientAccumulationSteps: 2,
    weightDecay: 0,
    beta1: 0.8,
    beta2: 0.95,
    epsilon: 1e-6,
    maxGradientNorm: null,
    warmupRatio: 0,
    schedule: 'COSINE',
    dropout: 0,
    maxLength: 17,
    truncationSide: 'LEFT',
    pooling: 'MEAN',
    adapter: {
      lora: { rank: 2, alpha: 3, dropout: 0.1, targetModules: ['query'], rankStabilized: true, frozenWeights: 'INT4' },
    },
    seed: 4294967295,
    earlyStopping: { metric: 'validation/rating/f1', patience: 5, minDelta: 0.01 },
    checkpointEverySteps: 11,
  },
};

describe('a clone without changes', () => {
  test.each([
    ['defaults', {}],
    ['everything', everything],
    ['a frozen prefix', { hyperparameters: { freeze: { kind: 'PREFIX', layers: 0 } } }],
    ['a linear probe', { hyperparameters: { freeze: { kind: 'ENCODER' }, dropout: 0.5 } }],
  ])('of an experiment with %s has an equal spec', async (_, change) => {
    const source = await create(change);
    expect(await specOf(await clone(source.id))).toEqual(await specOf(source));
  });

  test('has name, tags and notes of its source, and says whose clone it is; but not its priority', async () => {
    const source = await create({ tags: ['a', 'b'], notes: 'why', priority: 9 });
    expect(await clone(source.id)).toMatchObject({
      name: 'source',
      tags: ['a', 'b'],
      notes: 'why',
      priority: 0,
      clonedFrom: { id: source.id },
    });
    expect(source.clonedFrom).toBeNull();
  });

  test('keeps the labels of the data, whatever the class weights', async () => {
    const source = await create({ method: { supervised: { textColumn: 'text', labelColumn: 'stars' } } });
    expect(await specOf(await clone(source.id))).toMatchObject({
      head: { labelColumn: 'stars', labels: ['1', '2', '3'] },
    });
  });
});

test('what an experiment shows of its configuration is what creates another one like it', async () => {
  const source = await create(everything);
  const { experiment } = await api.request<{ experiment: Record<string, Record<string, unknown>> }>(
    /* GraphQL */ `query ($id: ID!) { experiment(id: $id) {
      baseModel { id } datasetVersion { id } trainSplit validationSplit
      method { ... on MultiTaskFineTuning {
        textColumn textPairColumn lossWeighting tasks { name labelColumn weight classWeights { kind weights { label weight } } } } }
      hyperparameters {
        learningRate epochs batchSize gradientAccumulationSteps weightDecay beta1 beta2 epsilon maxGradientNorm warmupRatio schedule
        dropout maxLength truncationSide pooling seed checkpointEverySteps freeze { kind layers }
        adapter { rank alpha dropout targetModules rankStabilized frozenWeights } earlyStopping { metric patience minDelta } }
    } }`,
    { id: source.id },
  );
  const { baseModel, datasetVersion, method, hyperparameters, ...splits } = experiment!;
  const again = await create({
    ...splits,
    baseModelId: baseModel!.id,
    datasetVersionId: datasetVersion!.id,
    method: { multiTask: method },
    hyperparameters: { ...hyperparameters, adapter: { lora: hyperparameters!.adapter } },
  });
  expect(await specOf(again)).toEqual(await specOf(source));
});

describe('a clone with changes', () => {
  test('replaces the hyperparameters that are given, and no other', async () => {
    const source = await create(everything);
    const former = await specOf(source);
    const changed = await clone(source.id, {
      name: 'faster',
      hyperparameters: { learningRate: 0.5, earlyStopping: null },
    });
    expect(changed.name).toBe('faster');
    expect(await specOf(changed)).toEqual({
      ...former,
      hyperparameters: { ...former.hyperparameters, learningRate: 0.5, earlyStopping: null },
    });
  });

  test('null takes the adapter away, clears tags and notes, and elsewhere gives the default', async () => {
    const source = await create({ ...everything, tags: ['a'], notes: 'why' });
    const former = await specOf(source);
    const changed = await clone(source.id, {
      tags: null,
      notes: null,
      trainSplit: null,
      hyperparameters: { adapter: null, epochs: null, pooling: null },
    });
    expect(changed).toMatchObject({ tags: [], notes: '' });
    // 80 examples in accumulated batches of 7 × 2 are 6 updates an epoch: 34 epochs come to 200.
    expect(await specOf(changed)).toEqual({
      ...former,
      hyperparameters: { ...former.hyperparameters, adapter: null, epochs: 34, pooling: 'firstToken' },
    });
  });

  test('replaces the method as a whole', async () => {
    const source = await create(everything);
    const changed = await clone(source.id, {
      method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
      hyperparameters: { earlyStopping: null },
    });
    expect(await specOf(changed)).toMatchObject({
      method: 'supervised',
      head: { labels: ['ham', 'spam'], classWeights: { kind: 'none' } },
      validationSplit: 'test',
      hyperparameters: { seed: 4294967295, earlyStopping: null },
    });
  });

  test('on another version: its labels, its digest', async () => {
    const source = await create();
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'more mails' });
    api.labelCounts = {
      ...topicCounts,
      labels: { label: [...topicCounts.labels.label!, { split: 'train', label: 'eggs', count: 3 }] },
    };
    expect(await specOf(await clone(source.id, { datasetVersionId: ids.version(versionIds[0]!) }))).toMatchObject({
      datasetDigest: digest('more mails 1'),
      head: { labels: ['eggs', 'ham', 'spam'] },
    });
  });
});

describe('what the source left to the server', () => {
  const lora = { adapter: { lora: {} } };
  const chosen = async (made: Made) => {
    const { learningRate, epochs, batchSize, maxLength, pooling } = (await specOf(made)).hyperparameters;
    return { learningRate, epochs, batchSize, maxLength, pooling };
  };
  // 80 examples in batches of 16 are 5 updates an epoch: 50 epochs come to 250, 40 to 200.
  const ofAdapter = { learningRate: 2e-3, epochs: 50, batchSize: 16, maxLength: 40, pooling: 'firstToken' };
  const ofEncoder = { ...ofAdapter, learningRate: 3e-4, epochs: 40 };

  test('is chosen anew when the adapter is dropped, and when it comes back in a clone of the clone', async () => {
    const source = await create({ hyperparameters: lora });
    expect(await chosen(source)).toEqual(ofAdapter);
    const dropped = await clone(source.id, { hyperparameters: { adapter: null } });
    expect(await chosen(dropped)).toEqual(ofEncoder);
    expect(await chosen(await clone(dropped.id, { hyperparameters: lora }))).toEqual(ofAdapter);
  });

  test('stays where nothing changes that it depends on, though another release would choose otherwise', async () => {
    const source = await create({ hyperparameters: lora });
    await api.dataSource.query(
      `UPDATE experiments SET spec = jsonb_set(spec, '{hyperparameters,learningRate}', '0.25') WHERE id = $1`,
      [parseGlobalId(source.id)!.uuid],
    );
    const former = { ...ofAdapter, learningRate: 0.25 };
    expect(await chosen(await clone(source.id, { hyperparameters: { seed: 1 } }))).toEqual(former);
    expect(await chosen(await clone(source.id, { hyperparameters: { adapter: { lora: { rank: 2 } } } }))).toEqual(
      former,
    );
    const smaller = await clone(source.id, { hyperparameters: { batchSize: 8 } });
    expect(await chosen(smaller)).toEqual({ ...former, batchSize: 8, epochs: 25 });
  });

  test('is not what the source gave, nor anything of a source from before this was recorded', async () => {
    const given = await create({ hyperparameters: { ...lora, learningRate: 0.01, epochs: 2 } });
    const dropped = await clone(given.id, { hyperparameters: { adapter: null } });
    expect(await chosen(dropped)).toEqual({ ...ofEncoder, learningRate: 0.01, epochs: 2 });
    const old = await create({ hyperparameters: lora });
    await api.dataSource.query(`UPDATE experiments SET chosen_hyperparameters = '{}' WHERE id = $1`, [
      parseGlobalId(old.id)!.uuid,
    ]);
    expect(await chosen(await clone(old.id, { hyperparameters: { adapter: null } }))).toEqual(ofAdapter);
    // What the clone leaves to the server is its own.
    const asked = await clone(old.id, { hyperparameters: { adapter: null, learningRate: null } });
    expect(await chosen(asked)).toEqual({ ...ofAdapter, learningRate: 3e-4 });
    expect(await chosen(await clone(asked.id, { hyperparameters: lora }))).toEqual(ofAdapter);
  });

  test('is told by planClone where it is chosen anew', async () => {
    const source = await create({ hyperparameters: lora });
    const { planClone } = await api.request<{ planClone: { defaults: { hyperparameter: string; value: string }[] } }>(
      /* GraphQL */ `query ($input: CloneExperimentInput!) { planClone(input: $input) {
        ... on ExperimentPlan { defaults { hyperparameter value } } } }`,
      { input: { experimentId: source.id, hyperparameters: { adapter: null } } },
    );
    expect(planClone.defaults).toEqual([
      { hyperparameter: 'learningRate', value: '0.0003' },
      { hyperparameter: 'epochs', value: '40' },
      { hyperparameter: 'batchSize', value: '16' },
    ]);
  });
});

describe('what does not fit any more', () => {
  test('columns, splits and labels that another version lacks', async () => {
    const source = await create(everything);
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'bare', splits: { train: 80 } });
    await api.dataSource.query(`UPDATE dataset_versions SET columns = $2 WHERE id = $1`, [
      versionIds[0],
      JSON.stringify([
        { name: 'text', type: 'TEXT', missing: 0, distinct: 100, labels: null },
        { name: 'label', type: 'TEXT', missing: 0, distinct: 2, labels: null },
      ]),
    ]);
    api.labelCounts = {
      labelled: { train: 80 },
      labels: {
        label: ['ham', 'eggs'].map((label) => ({ split: 'train', label, count: 5 })),
      },
      splitsWithLists: {},
    };
    expect(await problemsOf(source.id, { datasetVersionId: ids.version(versionIds[0]!) })).toEqual([
      ['validationSplit', 'UNKNOWN_SPLIT'],
      ['method.multiTask.tasks.1.labelColumn', 'UNKNOWN_COLUMN'],
      ['method.multiTask.tasks.0.classWeights.weights.0.label', 'UNKNOWN_LABEL'],
    ]);
  });

  test('an adapter, a pooling and a length that are not for another model; null puts them right', async () => {
    const source = await create({
      hyperparameters: { adapter: { lora: { targetModules: ['query'] } }, pooling: 'MEAN' },
    });
    expect(await problemsOf(source.id, { baseModelId: use })).toEqual([
      ['hyperparameters.adapter.lora.targetModules.0', 'UNKNOWN_MODULE'],
      ['hyperparameters.pooling', 'INVALID_VALUE'],
    ]);
    const onUse = await clone(source.id, { baseModelId: use, hyperparameters: { adapter: null, pooling: null } });
    expect(await specOf(onUse)).toMatchObject({
      baseModelDigest: digest('model use'),
      hyperparameters: { adapter: null, pooling: null, learningRate: 3e-4 },
    });
    // tinyBert reads 40 tokens.
    const long = await create({ baseModelId: use, hyperparameters: { maxLength: 128 } });
    expect(await problemsOf(long.id, { baseModelId: bert })).toEqual([['hyperparameters.maxLength', 'TOO_LONG']]);
  });

  test('models and data of another project are not there', async () => {
    const otherId = randomUUID();
    await api.dataSource.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'other', 'Other')`, [otherId]);
    const foreignModel = await insertBaseModel(api.dataSource, otherId, { name: 'foreign' });
    const foreignData = await insertDataset(api.dataSource, otherId, { name: 'foreign' });
    const source = await create();
    expect(await problemsOf(source.id, { baseModelId: ids.baseModel(foreignModel) })).toEqual([
      ['baseModelId', 'NOT_FOUND'],
    ]);
    expect(await problemsOf(source.id, { datasetVersionId: ids.version(foreignData.versionIds[0]!) })).toEqual([
      ['datasetVersionId', 'NOT_FOUND'],
    ]);
    expect(await problemsOf(bert, {})).toEqual([['experimentId', 'NOT_FOUND']]);
  });
});

describe('the idempotency key of a clone', () => {
  test('gives a repeated call the first result; null is another input than nothing', async () => {
    const source = await create(everything);
    const first = await clone(source.id, { idempotencyKey: 'k' });
    expect(await clone(source.id, { idempotencyKey: 'k' })).toEqual(first);
    expect(await problemsOf(source.id, { idempotencyKey: 'k', hyperparameters: { adapter: null } })).toEqual([
      ['idempotencyKey', 'IDEMPOTENCY_KEY_REUSED'],
    ]);
  });
});

test('planClone says what a clone would come to, and writes nothing', async () => {
  const source = await create({ baseModelId: use, hyperparameters: { batchSize: 16 } });
  const count = async () => (await api.dataSource.query('SELECT count(*)::int FROM experiments'))[0].count;
  const before = await count();
  const plan = async (input: Input) =>
    (
      await api.request<{ planClone: unknown }>(
        /* GraphQL */ `query ($input: CloneExperimentInput!) { planClone(input: $input) {
          __typename
          ... on ExperimentPlan { totalSteps hyperparameters { batchSize epochs } }
          ... on Problems { problems { path code } } } }`,
        { input: { experimentId: source.id, ...input } },
      )
    ).planClone;
  // 80 examples in batches of 16, four times.
  expect(await plan({ hyperparameters: { epochs: 4 } })).toEqual({
    __typename: 'ExperimentPlan',
    totalSteps: 20,
    hyperparameters: { batchSize: 16, epochs: 4 },
  });
  expect(await plan({ trainSplit: 'tain' })).toEqual({
    __typename: 'Problems',
    problems: [{ path: ['trainSplit'], code: 'UNKNOWN_SPLIT' }],
  });
  expect(await count()).toBe(before);
});
