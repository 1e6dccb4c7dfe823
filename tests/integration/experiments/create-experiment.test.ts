import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, topicCounts } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';

interface Problem {
  path: string[];
  code: string;
  message: string;
  hint: string | null;
}
type Result =
  | { __typename: 'Experiment'; id: string; status: string }
  | { __typename: 'Problems'; problems: Problem[] };

const mutation = /* GraphQL */ `
  mutation Create($input: CreateExperimentInput!) {
    createExperiment(input: $input) {
      __typename
      ... on Experiment { id status }
      ... on Problems { problems { path code message hint } }
    }
  }
`;

let api: TestApi;
let base: Record<string, unknown>;

beforeAll(async () => {
  api = await startTestApi();
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'tiny' });
  base = {
    name: 'spam filter',
    baseModelId: ids.baseModel(model),
    datasetVersionId: ids.version(versionIds[0]!),
    method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
  };
});
afterAll(() => api?.close());
beforeEach(() => {
  api.labelCounts = topicCounts;
});

async function create(change: Record<string, unknown> = {}): Promise<Result> {
  return (await api.request<{ createExperiment: Result }>(mutation, { input: { ...base, ...change } }))
    .createExperiment;
}

async function problemsOf(change: Record<string, unknown>): Promise<Problem[]> {
  const result = await create(change);
  if (result.__typename !== 'Problems') throw new Error('The experiment was created.');
  return result.problems;
}

async function counts(): Promise<Record<string, number>> {
  const [row] = await api.dataSource.query(
    `SELECT (SELECT count(*)::int FROM experiments) AS experiments, (SELECT count(*)::int FROM runs) AS runs,
       (SELECT count(*)::int FROM jobs) AS jobs, (SELECT count(*)::int FROM run_events) AS events`,
  );
  return row;
}

describe('a good spec', () => {
  test('makes an experiment, a run, a job and the first event, all at once', async () => {
    const before = await counts();
    const result = await create({ hyperparameters: { epochs: 3 } });
    expect(result).toMatchObject({ __typename: 'Experiment', status: 'QUEUED' });
    const after = await counts();
    for (const table of ['experiments', 'runs', 'jobs', 'events']) expect(after[table]).toBe(before[table]! + 1);

    const [job] = await api.dataSource.query(
      `SELECT j.kind, j.lane, j.payload FROM jobs j JOIN runs r ON r.id = j.run_id ORDER BY j.created_at DESC LIMIT 1`,
    );
    expect(job).toMatchObject({ kind: 'train', lane: 'training' });
    expect(job.payload.spec).toMatchObject({
      method: 'supervised',
      head: {
        kind: 'classification',
        labelColumn: 'label',
        labels: ['ham', 'spam'],
        classWeights: { kind: 'none' },
      },
      hyperparameters: { epochs: 3, maxLength: 128, freeze: { kind: 'none' }, earlyStopping: null },
    });
  });

  test('of several tasks names heads by task', async () => {
    const result = await create({
      method: {
        multiTask: {
          textColumn: 'text',
          tasks: [
            { name: 'topic', labelColumn: 'label' },
            { name: 'rating', labelColumn: 'stars', weight: 0.5, classWeights: { kind: 'BALANCED' } },
          ],
          lossWeighting: 'UNCERTAINTY',
        },
      },
      hyperparameters: { earlyStopping: { metric: 'validation/rating/f1' } },
    });
    if (result.__typename !== 'Experiment') throw new Error(JSON.stringify(result));
    const { experiment } = await api.request<{ experiment: { method: unknown } }>(
      /* GraphQL */ `query ($id: ID!) { experiment(id: $id) { method {
        ... on MultiTaskFineTuning { lossWeighting tasks { name labels weight classWeights { kind } } } } } }`,
      { id: result.id },
    );
    expect(experiment.method).toEqual({
      lossWeighting: 'UNCERTAINTY',
      tasks: [
        { name: 'topic', labels: ['ham', 'spam'], weight: 1, classWeights: { kind: 'NONE' } },
        { name: 'rating', labels: ['1', '2', '3'], weight: 0.5, classWeights: { kind: 'BALANCED' } },
      ],
    });
  });
});

describe('a bad spec', () => {
  test('leaves nothing behind', async () => {
    const before = await counts();
    await problemsOf({ trainSplit: 'tain' });
    expect(await counts()).toEqual(before);
  });

  test('a label column that does not exist: where, which there are, and which was meant', async () => {
    const problems = await problemsOf({ method: { supervised: { textColumn: 'text', labelColumn: 'lable' } } });
    expect(problems).toEqual([
      {
        path: ['method', 'supervised', 'labelColumn'],
        code: 'UNKNOWN_COLUMN',
        message: 'The dataset version has no column “lable”.',
        hint: 'Did you mean “label”? There are: text, label, stars.',
      },
    ]);
  });

  test('reports all that is wrong at once', async () => {
    const problems = await problemsOf({
      method: {
        multiTask: {
          textColumn: 'stars',
          tasks: [
            {
              name: 'topic',
              labelColumn: 'label',
              classWeights: { kind: 'EXPLICIT', weights: [{ label: 'egg', weight: 2 }] },
            },
            { name: 'topic', labelColumn: 'nothing' },
          ],
        },
      },
      validationSplit: 'validatoin',
      hyperparameters: {
        epochs: 0,
        learningRate: 2,
        maxLength: 512,
        freeze: { kind: 'PREFIX', layers: 3 },
        earlyStopping: { metric: 'validation/acuracy' },
      },
    });
    expect(problems.map(({ path, code }) => [path.join('.'), code])).toEqual(
      expect.arrayContaining([
        ['method.multiTask.textColumn', 'WRONG_COLUMN_TYPE'],
        ['validationSplit', 'UNKNOWN_SPLIT'],
        ['method.multiTask.tasks.1.name', 'INVALID_VALUE'],
        ['method.multiTask.tasks.1.labelColumn', 'UNKNOWN_COLUMN'],
        ['method.multiTask.tasks.0.classWeights.weights.0.label', 'UNKNOWN_LABEL'],
        ['hyperparameters.epochs', 'INVALID_VALUE'],
        ['hyperparameters.learningRate', 'INVALID_VALUE'],
        ['hyperparameters.maxLength', 'TOO_LONG'],
        ['hyperparameters.freeze.layers', 'INVALID_VALUE'],
        ['hyperparameters.earlyStopping.metric', 'UNKNOWN_METRIC'],
      ]),
    );
    expect(problems.find(({ path }) => path.at(-1) === 'epochs')?.message).toBe('Must be at least 1.');
    expect(problems.find(({ path }) => path.at(-1) === 'validationSplit')?.hint).toContain('“validation”');
  });

  test('labels that validation has and training has not', async () => {
    api.labelCounts = {
      ...topicCounts,
      labels: { label: [...topicCounts.labels.label!, { split: 'validation', label: 'eggs', count: 1 }] },
    };
    const [problem] = await problemsOf({ unknownLabels: 'REFUSE' });
    expect(problem).toMatchObject({ path: ['method', 'supervised', 'labelColumn'], code: 'UNKNOWN_LABEL' });
    expect(problem!.message).toContain('“eggs”');
    expect(problem!.hint).toContain('`unknownLabels: COUNT`');
    expect(await create({})).toMatchObject({ __typename: 'Experiment' });
  });

  test('splits without examples, each once', async () => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, {
      name: 'empty splits',
      splits: { train: 0, validation: 0, test: 10 },
    });
    const datasetVersionId = ids.version(versionIds[0]!);
    api.labelCounts = { ...topicCounts, labelled: {}, labels: { label: [] } };
    const codes = async (change: Record<string, unknown>) =>
      (await problemsOf({ datasetVersionId, ...change })).map(({ path, code }) => `${path.join('.')} ${code}`);
    expect(await codes({ trainSplit: 'test', validationSplit: 'validation' })).toEqual([
      'validationSplit EMPTY_SPLIT',
      'method.supervised.labelColumn TOO_FEW_LABELS',
    ]);
    expect(await codes({})).toEqual(['trainSplit EMPTY_SPLIT']);
    const regression = { supervised: { textColumn: 'text', head: { regression: { targetColumns: ['stars'] } } } };
    expect(await codes({ method: regression, validationSplit: 'validation' })).toEqual([
      'trainSplit EMPTY_SPLIT',
      'validationSplit EMPTY_SPLIT',
    ]);
  });

  test('a training split that can not be divided', async () => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, {
      name: 'one split',
      splits: { train: 80 },
    });
    const problems = await problemsOf({ datasetVersionId: ids.version(versionIds[0]!) });
    expect(problems.map(({ path, code }) => [path, code])).toEqual([[['validationSplit'], 'EMPTY_SPLIT']]);
    expect(problems[0]!.hint).toContain('resplitDatasetVersion');
  });

  test('one label only', async () => {
    api.labelCounts = {
      ...topicCounts,
      labels: { label: topicCounts.labels.label!.filter(({ label }) => label === 'ham') },
    };
    expect((await problemsOf({})).map(({ code }) => code)).toEqual(['TOO_FEW_LABELS']);
  });

  test('more values than a head may have', async () => {
    const label = Array.from({ length: 1001 }, (_, i) => ({ split: 'train', label: `id ${i}`, count: 1 }));
    api.labelCounts = {
      ...topicCounts,
      labels: { label: [...label, { split: 'validation', label: 'id 1', count: 1 }] },
    };
    expect((await problemsOf({})).map(({ code }) => code)).toEqual(['TOO_MANY_LABELS']);
  });

  test('ids that name nothing, or something else', async () => {
    expect(await problemsOf({ baseModelId: base.datasetVersionId })).toMatchObject([
      { path: ['baseModelId'], code: 'NOT_FOUND' },
    ]);
    // What does not depend on each other is told at once.
    const { baseModelId: datasetVersionId, datasetVersionId: baseModelId } = base;
    expect(await problemsOf({ name: '', baseModelId, datasetVersionId })).toMatchObject([
      { path: ['name'], code: 'INVALID_VALUE' },
      { path: ['baseModelId'], code: 'NOT_FOUND' },
      { path: ['datasetVersionId'], code: 'NOT_FOUND' },
    ]);
    expect(await problemsOf({ projectSlug: 'nowhere' })).toMatchObject([{ path: ['projectSlug'], code: 'NOT_FOUND' }]);
  });

  test('two methods, or none, are refused by the schema', async () => {
    const { body } = await api.send(mutation, { input: { ...base, method: {} } });
    expect(body.errors?.[0]?.message).toContain('Exactly one key must be specified');
  });
});

describe('the idempotency key', () => {
  test('gives a repeated call the first result', async () => {
    const first = await create({ idempotencyKey: 'a' });
    const before = await counts();
    expect(await create({ idempotencyKey: 'a' })).toEqual(first);
    expect(await counts()).toEqual(before);
  });

  test('of many calls at once lets one create', async () => {
    const before = await counts();
    const results = await Promise.all(Array.from({ length: 6 }, () => create({ idempotencyKey: 'b' })));
    expect(new Set(results.map((result) => 'id' in result && result.id)).size).toBe(1);
    expect((await counts()).experiments).toBe(before.experiments! + 1);
  });

  test('with another input is a problem', async () => {
    await create({ idempotencyKey: 'c' });
    expect(await problemsOf({ idempotencyKey: 'c', name: 'another' })).toMatchObject([
      { path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
  });

  test('that says null of a hyperparameter is another input: gradients are clipped by default, and not by null', async () => {
    await create({ idempotencyKey: 'd', hyperparameters: {} });
    await create({ idempotencyKey: 'd', hyperparameters: {} });
    expect(await problemsOf({ idempotencyKey: 'd', hyperparameters: { maxGradientNorm: null } })).toMatchObject([
      { path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
  });
});

describe('planExperiment', () => {
  const query = /* GraphQL */ `
    query Plan($input: CreateExperimentInput!) {
      planExperiment(input: $input) {
        __typename
        ... on ExperimentPlan {
          trainExamples validationExamples stepsPerEpoch totalSteps trainableParameters frozenParameters
          estimatedMemoryBytes hyperparameters { batchSize }
          heldOut { examples seed stratifyBy keepTogether reason hint }
        }
        ... on Problems { problems { path code } }
      }
    }
  `;
  const plan = async (change: Record<string, unknown>) =>
    (await api.request<{ planExperiment: Record<string, unknown> }>(query, { input: { ...base, ...change } }))
      .planExperiment;

  test('counts steps and parameters, and writes nothing', async () => {
    const before = await counts();
    // 80 examples in batches of 16: 5 batches, two to an update. Head: 2 labels × (8 weights + 1 bias).
    const hyperparameters = {
      batchSize: 16,
      gradientAccumulationSteps: 2,
      epochs: 4,
      freeze: { kind: 'PREFIX', layers: 1 },
    };
    expect(await plan({ hyperparameters })).toMatchObject({
      __typename: 'ExperimentPlan',
      trainExamples: 80,
      validationExamples: 10,
      stepsPerEpoch: 3,
      totalSteps: 12,
      trainableParameters: 250 + 100 + 18,
      frozenParameters: 400 + 250,
      hyperparameters: { batchSize: 16 },
    });
    expect(await counts()).toEqual(before);
  });

  test.each([
    [{}, { test: 10 }],
    [{ validationSplit: null }, { test: 10 }],
    [{}, { test: 10, validation: 0 }],
  ])('holds examples out of the training split, %j with further splits %j', async (change, others) => {
    const { versionIds } = await insertDataset(api.dataSource, api.projectId, {
      name: `no validation ${JSON.stringify([change, others])}`,
      splits: { train: 80, ...others },
    });
    const part = 'train (held-out part)';
    api.labelCounts = {
      labelled: { train: 64, [part]: 16 },
      labels: {
        label: topicCounts.labels.label!.map((each) => ({ ...each, split: each.split === 'train' ? 'train' : part })),
      },
      splitsWithLists: {},
    };
    const drawn = { examples: 16, seed: 0, stratifyBy: ['label'], keepTogether: ['text'] };
    const datasetVersionId = ids.version(versionIds[0]!);
    expect(await plan({ ...change, datasetVersionId })).toMatchObject({
      __typename: 'ExperimentPlan',
      trainExamples: 64,
      validationExamples: 16,
      heldOut: {
        ...drawn,
        reason: expect.stringContaining('“validation”'),
        hint: expect.stringContaining('resplit'),
      },
    });
    const created = await create({ ...change, datasetVersionId });
    if (created.__typename !== 'Experiment') throw new Error(JSON.stringify(created));
    const { experiment } = await api.request<{ experiment: unknown }>(
      `query ($id: ID!) { experiment(id: $id) { trainSplit validationSplit
         heldOut { examples seed stratifyBy keepTogether } } }`,
      { id: created.id },
    );
    expect(experiment).toEqual({ trainSplit: 'train', validationSplit: 'train', heldOut: drawn });
  });

  test('of a split that was given holds nothing out', async () => {
    expect(await plan({})).toMatchObject({ heldOut: null });
    expect(await plan({ validationSplit: 'test' })).toMatchObject({ heldOut: null, validationExamples: 10 });
  });

  test('refuses what createExperiment refuses', async () => {
    expect(await plan({ trainSplit: 'nothing' })).toMatchObject({
      __typename: 'Problems',
      problems: [{ path: ['trainSplit'], code: 'UNKNOWN_SPLIT' }],
    });
  });
});
