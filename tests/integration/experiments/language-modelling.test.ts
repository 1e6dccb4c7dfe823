import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset, tinyBert, tinyLlama } from '../../support/rows.js';

const problems = '... on Problems { problems { path code message hint } }';

const plan = /* GraphQL */ `
  query Plan($input: CreateExperimentInput!) {
    planExperiment(input: $input) {
      ... on ExperimentPlan {
        method { __typename ... on LanguageModelling { textColumn objective packing } }
        hyperparameters { learningRate epochs batchSize maxLength pooling evaluateEverySteps }
        trainExamples stepsPerEpoch totalSteps trainableParameters frozenParameters estimatedMemoryBytes
        defaults { hyperparameter value }
        baselines { __typename }
        findings { code }
      }
      ${problems}
    }
  }
`;

const create = /* GraphQL */ `
  mutation Create($input: CreateExperimentInput!) {
    createExperiment(input: $input) {
      ... on Experiment { id method { __typename } }
      ${problems}
    }
  }
`;

let api: TestApi;
let [llama, bert, version] = ['', '', ''];
beforeAll(async () => {
  api = await startTestApi();
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  version = ids.version(versionIds[0]!);
  const add = async (name: string, manifest: typeof tinyBert) =>
    ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, manifest }));
  llama = await add('llama', tinyLlama);
  bert = await add('bert', tinyBert);
});
afterAll(() => api?.close());

const inputOf = (more: Record<string, unknown> = {}, method: Record<string, unknown> = { textColumn: 'text' }) => ({
  name: 'domain',
  baseModelId: llama,
  datasetVersionId: version,
  method: { languageModelling: method },
  ...more,
});

// biome-ignore lint/suspicious/noExplicitAny: the shape of a response
const planned = async (input: object) => (await api.request<any>(plan, { input })).planExperiment;

describe('a plan', () => {
  test('has defaults of its own, and estimates the rows that documents become', async () => {
    const { method, hyperparameters, defaults, ...rest } = await planned(inputOf());
    expect(method).toEqual({
      __typename: 'LanguageModelling',
      textColumn: 'text',
      objective: 'CAUSAL',
      packing: 'PACKED',
    });
    expect(hyperparameters).toEqual({
      learningRate: 5e-4,
      epochs: 3,
      batchSize: 8,
      // The model reads no more.
      maxLength: 40,
      pooling: null,
      evaluateEverySteps: null,
    });
    expect(defaults.map((each: { hyperparameter: string }) => each.hyperparameter)).toEqual([
      'learningRate',
      'epochs',
      'batchSize',
      'maxLength',
    ]);
    expect(rest.trainableParameters).toBe(tinyLlama.parameterCount);
    expect(rest.frozenParameters).toBe(0);
    expect(rest.baselines).toEqual([]);
    expect(rest.trainExamples).toBe(80);
    expect(rest.totalSteps).toBe(3 * rest.stepsPerEpoch);
    // Several documents are packed into a row, while each has a row of its own otherwise.
    const separate = await planned(inputOf({}, { textColumn: 'text', packing: 'SEPARATE' }));
    expect(separate.stepsPerEpoch).toBe(10);
    expect(rest.stepsPerEpoch).toBeLessThan(10);
  });

  test.each([
    [{ freeze: { kind: 'ENCODER' } }, ['hyperparameters', 'freeze', 'kind'], 'INVALID_VALUE'],
    [{ pooling: 'MEAN' }, ['hyperparameters', 'pooling'], 'INVALID_VALUE'],
    [{ maxLength: 41 }, ['hyperparameters', 'maxLength'], 'TOO_LONG'],
    [{ evaluateEverySteps: 0 }, ['hyperparameters', 'evaluateEverySteps'], 'INVALID_VALUE'],
    [
      { earlyStopping: { metric: 'validation/accuracy' } },
      ['hyperparameters', 'earlyStopping', 'metric'],
      'UNKNOWN_METRIC',
    ],
  ])('refuses %j', async (hyperparameters, path, code) => {
    expect((await planned(inputOf({ hyperparameters }))).problems).toMatchObject([{ path, code }]);
  });

  test('refuses a model that reads in both directions, and a column that is not there', async () => {
    expect((await planned(inputOf({ baseModelId: bert }))).problems).toMatchObject([
      { path: ['method', 'languageModelling'], code: 'INVALID_VALUE', hint: expect.stringContaining('Llama') },
    ]);
    expect((await planned(inputOf({}, { textColumn: 'txt' }))).problems).toMatchObject([
      { path: ['method', 'languageModelling', 'textColumn'], code: 'UNKNOWN_COLUMN' },
    ]);
  });

  test('stops early by what is measured', async () => {
    const hyperparameters = { earlyStopping: { metric: 'validation/perplexity' }, evaluateEverySteps: 2 };
    expect(await planned(inputOf({ hyperparameters }))).toMatchObject({ hyperparameters: { evaluateEverySteps: 2 } });
  });
});

test('an experiment is created, found by its method, compared and cloned', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
  const created = (await api.request<any>(create, { input: inputOf() })).createExperiment;
  expect(created.method).toEqual({ __typename: 'LanguageModelling' });
  const found = await api.request<{ project: { experiments: { nodes: { id: string }[] } } }>(
    'query Q($slug: String!) { project(slug: $slug) { experiments(filter: { method: [LANGUAGE_MODELLING] }) { nodes { id } } } }',
    { slug: 'default' },
  );
  expect(found.project.experiments.nodes).toEqual([{ id: created.id }]);
  const clone = /* GraphQL */ `
    mutation Clone($input: CloneExperimentInput!) {
      cloneExperiment(input: $input) {
        ... on Experiment { hyperparameters { epochs } method { ... on LanguageModelling { packing } } }
        ${problems}
      }
    }
  `;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
  const cloned = await api.request<any>(clone, {
    input: { experimentId: created.id, name: 'again', hyperparameters: { epochs: 5 } },
  });
  expect(cloned.cloneExperiment).toEqual({ hyperparameters: { epochs: 5 }, method: { packing: 'PACKED' } });
});
