import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { ids, insertBaseModel, insertDataset, tinyBert, tinyLlama } from '../../support/rows.js';

const problems = '... on Problems { problems { path code message hint } }';

const plan = /* GraphQL */ `
  query Plan($input: CreateExperimentInput!) {
    planExperiment(input: $input) {
      ... on ExperimentPlan {
        method { __typename ... on LanguageModelling { textColumn objective packing masking { share wholeWords } } }
        hyperparameters { learningRate epochs batchSize maxLength pooling evaluateEverySteps }
        trainExamples stepsPerEpoch totalSteps trainableParameters frozenParameters estimatedMemoryBytes
        estimatedSeconds
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
let [llama, bert, version, general] = ['', '', '', ''];
beforeAll(async () => {
  api = await startTestApi();
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  version = ids.version(versionIds[0]!);
  const other = await insertDataset(api.dataSource, api.projectId, { name: 'general texts' });
  general = ids.version(other.versionIds[0]!);
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
      masking: null,
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

  test('of an encoder predicts masked tokens, in rows of one document each, with parameters that it gets', async () => {
    const { method, trainableParameters, frozenParameters } = await planned(inputOf({ baseModelId: bert }));
    expect(method).toEqual({
      __typename: 'LanguageModelling',
      textColumn: 'text',
      objective: 'MASKED',
      packing: 'SEPARATE',
      masking: { share: 0.15, wholeWords: false },
    });
    const { hiddenSize: H, vocabularySize: V } = tinyBert.config;
    expect(trainableParameters + frozenParameters).toBe(tinyBert.parameterCount + H * H + 3 * H + V);
    const masking = { share: 0.3, wholeWords: true };
    const asked = await planned(inputOf({ baseModelId: bert }, { textColumn: 'text', objective: 'MASKED', masking }));
    expect(asked.method.masking).toEqual(masking);
    const stopping = { earlyStopping: { metric: 'validation/bitsPerByte' } };
    expect((await planned(inputOf({ baseModelId: bert, hyperparameters: stopping }))).problems).toMatchObject([
      { code: 'UNKNOWN_METRIC' },
    ]);
  });

  test.each([
    ['bert', { objective: 'CAUSAL' }, 'objective', 'Llama'],
    ['llama', { objective: 'MASKED' }, 'objective', 'BERT'],
    ['bert', { packing: 'PACKED' }, 'packing', 'SEPARATE'],
    ['llama', { masking: {} }, 'masking', 'Leave'],
    ['bert', { masking: { share: 1 } }, 'masking.share', null],
  ])('of %s refuses %j', async (family, more, field, hint) => {
    const baseModelId = family === 'bert' ? bert : llama;
    expect((await planned(inputOf({ baseModelId }, { textColumn: 'text', ...more }))).problems).toMatchObject([
      {
        path: ['method', 'languageModelling', ...field.split('.')],
        code: 'INVALID_VALUE',
        ...(hint === null ? {} : { hint: expect.stringContaining(hint) }),
      },
    ]);
  });

  test('refuses a column that is not there', async () => {
    expect((await planned(inputOf({}, { textColumn: 'txt' }))).problems).toMatchObject([
      { path: ['method', 'languageModelling', 'textColumn'], code: 'UNKNOWN_COLUMN' },
    ]);
  });

  test('stops early by what is measured', async () => {
    const hyperparameters = { earlyStopping: { metric: 'validation/perplexity' }, evaluateEverySteps: 2 };
    expect(await planned(inputOf({ hyperparameters }))).toMatchObject({ hyperparameters: { evaluateEverySteps: 2 } });
  });
});

describe('control texts', () => {
  const control = (more: object = {}) => ({ datasetVersionId: general, textColumn: 'text', ...more });
  const method = (more: object = {}) => ({ textColumn: 'text', control: control(more) });

  test('are shown by plans, experiments and their clones, and are watched by early stopping', async () => {
    const shown = '... on LanguageModelling { control { datasetVersion { id } split textColumn } }';
    const input = inputOf({ hyperparameters: { earlyStopping: { metric: 'control/perplexity' } } }, method());
    const inFull = { control: { datasetVersion: { id: general }, split: 'test', textColumn: 'text' } };
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { planExperiment } = await api.request<any>(
      `query ($input: CreateExperimentInput!) {
         planExperiment(input: $input) { ... on ExperimentPlan { method { ${shown} } } ${problems} } }`,
      { input },
    );
    expect(planExperiment).toEqual({ method: inFull });
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { createExperiment } = await api.request<any>(
      `mutation ($input: CreateExperimentInput!) {
         createExperiment(input: $input) { ... on Experiment { id method { ${shown} } } ${problems} } }`,
      { input },
    );
    expect(createExperiment.method).toEqual(inFull);
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { cloneExperiment } = await api.request<any>(
      `mutation ($input: CloneExperimentInput!) {
         cloneExperiment(input: $input) { ... on Experiment { id method { ${shown} } } ${problems} } }`,
      { input: { experimentId: createExperiment.id, name: 'as before' } },
    );
    expect(cloneExperiment.method).toEqual(inFull);
    const other = inputOf({ name: 'other split' }, method({ split: 'validation' }));
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { id } = (await api.request<any>(create, { input: other })).createExperiment;
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { experiment } = await api.request<any>(
      `query ($a: ID!, $b: ID!) { experiment(id: $a) { diff(with: $b) { configuration {
         path values { ... on TextSetting { text } ... on ReferenceSetting { text } } } } } }`,
      { a: createExperiment.id, b: id },
    );
    expect(experiment.diff.configuration).toContainEqual({
      path: 'method.control.split',
      values: [{ text: 'test' }, { text: 'validation' }],
    });
  });

  test.each([
    [{ split: 'tset' }, 'split', 'UNKNOWN_SPLIT'],
    [{ textColumn: 'txt' }, 'textColumn', 'UNKNOWN_COLUMN'],
  ])('are checked as other columns are: %j', async (more, field, code) => {
    expect((await planned(inputOf({}, method(more)))).problems).toMatchObject([
      { path: ['method', 'languageModelling', 'control', field], code },
    ]);
  });

  test('are of the same project', async () => {
    const [{ id: elsewhere }] = await api.dataSource.query(
      `INSERT INTO projects (id, slug, name) VALUES (gen_random_uuid(), 'elsewhere', 'Elsewhere') RETURNING id`,
    );
    const { versionIds } = await insertDataset(api.dataSource, elsewhere, { name: 'theirs' });
    expect(
      (await planned(inputOf({}, method({ datasetVersionId: ids.version(versionIds[0]!) })))).problems,
    ).toMatchObject([{ path: ['method', 'languageModelling', 'control', 'datasetVersionId'], code: 'NOT_FOUND' }]);
  });

  test('have no metric where there are none', async () => {
    const hyperparameters = { earlyStopping: { metric: 'control/perplexity' } };
    expect((await planned(inputOf({ hyperparameters }))).problems).toMatchObject([{ code: 'UNKNOWN_METRIC' }]);
  });

  test('are used by their experiment: a version of them is not deleted before it', async () => {
    const { id: dataset, versionIds } = await insertDataset(api.dataSource, api.projectId, {
      name: 'two versions',
      versions: 2,
    });
    const [learned, measured] = versionIds.map((each) => ids.version(each));
    const input = inputOf(
      { name: 'on two versions', datasetVersionId: learned },
      method({ datasetVersionId: measured }),
    );
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { createExperiment } = await api.request<any>(create, { input });
    const user = { kind: 'EXPERIMENT', objectId: createExperiment.id, name: 'on two versions' };
    for (const version of versionIds) {
      expect((await deleteObject(api, 'DatasetVersion', version)).problems).toMatchObject([
        { code: 'IN_USE', usedBy: [user] },
      ]);
    }
    expect((await deleteObject(api, 'Dataset', dataset)).problems).toMatchObject([{ code: 'IN_USE', usedBy: [user] }]);
    // It uses two versions of the dataset, and is listed once.
    // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
    const { node } = await api.request<any>(
      'query ($id: ID!) { node(id: $id) { ... on Dataset { dependents { totalCount nodes { objectId } } } } }',
      { id: ids.dataset(dataset) },
    );
    expect(node.dependents).toEqual({ totalCount: 1, nodes: [{ objectId: createExperiment.id }] });
    await api.request('mutation ($input: ExperimentActionInput!) { cancelExperiment(input: $input) { __typename } }', {
      input: { experimentId: createExperiment.id },
    });
    expect(countsIn(await deleteObject(api, 'DatasetVersion', versionIds[1]!, { cascade: true }))).toEqual({
      DATASET_VERSION: 1,
      EXPERIMENT: 1,
    });
  });
});

test('an experiment on masked tokens is cloned with what its model chose', async () => {
  const method = { textColumn: 'text', masking: { share: 0.2 } };
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
  const { id } = (await api.request<any>(create, { input: inputOf({ baseModelId: bert }, method) })).createExperiment;
  const clone = /* GraphQL */ `
    mutation Clone($input: CloneExperimentInput!) {
      cloneExperiment(input: $input) {
        ... on Experiment { method { ... on LanguageModelling { objective packing masking { share wholeWords } } } }
        ${problems}
      }
    }
  `;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of a response
  const cloned = await api.request<any>(clone, { input: { experimentId: id, name: 'masked again' } });
  expect(cloned.cloneExperiment.method).toEqual({
    objective: 'MASKED',
    packing: 'SEPARATE',
    masking: { share: 0.2, wholeWords: false },
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
  expect(found.project.experiments.nodes[0]).toEqual({ id: created.id });
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
