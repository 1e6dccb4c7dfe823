import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { type Compared, prepareCompared } from '../../support/compared.js';
import { scoresOfKinds } from '../../support/head-scores.js';
import { insertBaseModel } from '../../support/rows.js';
import { metrics, record, type TestExperiment } from '../../support/runs.js';
import { countStatements } from '../../support/statements.js';

let api: TestApi;
let compared: Compared;
beforeAll(async () => {
  api = await startTestApi();
  compared = await prepareCompared(api);
});
afterAll(() => api?.close());

const averaged = (f1: number) => ({ precision: f1, recall: f1, f1 });
const scores = (task: string, accuracy: number, loss: number) => ({
  task,
  exampleCount: 10,
  accuracy,
  loss,
  macro: averaged(accuracy / 2),
  micro: averaged(accuracy),
  weighted: averaged(accuracy / 4),
  perClass: [],
  confusionMatrix: [],
});

async function modelOf(experiment: TestExperiment): Promise<string> {
  return insertBaseModel(api.dataSource, api.projectId, {
    name: `out of ${experiment.id}`,
    producedByRunId: experiment.runId,
  });
}

async function evaluated(
  model: string,
  options: { split: string; tasks: string[]; accuracy?: number; loss?: number; minute: number },
): Promise<void> {
  const { split, tasks, accuracy, loss = 1, minute } = options;
  const done = accuracy === undefined ? null : tasks.map((task) => scores(task, accuracy, loss));
  await api.dataSource.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores, created_at)
     VALUES ($1, $2, $3, $4, $5, 'text', $6, $7, $8, timestamptz '2026-01-01' + make_interval(mins => $9))`,
    [
      randomUUID(),
      api.projectId,
      model,
      compared.version,
      split,
      JSON.stringify(tasks.map((task) => ({ task, targetColumns: [task] }))),
      done === null ? 'FAILED' : 'SUCCEEDED',
      done === null ? null : JSON.stringify(done),
      minute,
    ],
  );
}

test('evaluations that asked the same stand side by side, the newest of each, against the first', async () => {
  const [a, b, c] = [
    await compared.create('scored a'),
    await compared.create('scored b'),
    await compared.create('not scored'),
  ];
  const [modelA, modelB] = [await modelOf(a), await modelOf(b)];
  await evaluated(modelA, { split: 'test', tasks: ['label'], accuracy: 0.1, minute: 1 });
  await evaluated(modelA, { split: 'test', tasks: ['label'], accuracy: 0.5, loss: 0.75, minute: 2 });
  await evaluated(modelB, { split: 'test', tasks: ['label'], accuracy: 0.75, loss: 1, minute: 3 });
  await evaluated(modelB, { split: 'test', tasks: ['label'], minute: 4 });
  await evaluated(modelB, { split: 'validation', tasks: ['label'], accuracy: 0.25, minute: 5 });
  const { evaluations } = await compared.compare<{ evaluations: { tasks: { measures: { measure: string }[] }[] }[] }>(
    [a.id, c.id, b.id],
    `evaluations { split textColumn textPairColumn datasetVersion { number } evaluations { createdAt }
      tasks { task labelColumn measures { measure direction values differences best { name } } } }`,
  );
  expect(evaluations).toHaveLength(2);
  const { tasks, ...test } = evaluations[0]!;
  expect(test).toEqual({
    split: 'test',
    textColumn: 'text',
    textPairColumn: null,
    datasetVersion: { number: 1 },
    evaluations: [{ createdAt: '2026-01-01T00:02:00.000Z' }, null, { createdAt: '2026-01-01T00:03:00.000Z' }],
  });
  expect(tasks).toMatchObject([{ task: 'label', labelColumn: 'label' }]);
  const named = new Map(tasks[0]!.measures.map((each) => [each.measure, each]));
  expect([...named.keys()]).toEqual([
    ...['ACCURACY', 'LOSS', 'MACRO_PRECISION', 'MACRO_RECALL', 'MACRO_F1', 'MICRO_F1'],
    ...['WEIGHTED_PRECISION', 'WEIGHTED_RECALL', 'WEIGHTED_F1'],
  ]);
  expect(named.get('ACCURACY')).toEqual({
    measure: 'ACCURACY',
    direction: 'HIGHER_IS_BETTER',
    values: [0.5, null, 0.75],
    differences: [0, null, 0.25],
    best: { name: 'scored b' },
  });
  expect(named.get('LOSS')).toMatchObject({
    direction: 'LOWER_IS_BETTER',
    values: [0.75, null, 1],
    differences: [0, null, 0.25],
    best: { name: 'scored a' },
  });
  expect(named.get('MACRO_F1')).toMatchObject({ values: [0.25, null, 0.375], differences: [0, null, 0.125] });
  expect(named.get('WEIGHTED_RECALL')).toMatchObject({ values: [0.125, null, 0.1875] });
  // The first has none on this split: there is nothing to differ from.
  expect(evaluations[1]).toMatchObject({
    split: 'validation',
    evaluations: [null, null, { createdAt: '2026-01-01T00:05:00.000Z' }],
  });
  expect(evaluations[1]!.tasks[0]!.measures[0]).toMatchObject({
    values: [null, null, 0.25],
    differences: [null, null, null],
    best: { name: 'scored b' },
  });
});

test('heads of other kinds stand apart, and have measures of their own', async () => {
  const [a, b, c] = [
    await compared.create('numbers a'),
    await compared.create('numbers b'),
    await compared.create('classes c'),
  ];
  const score = async (experiment: TestExperiment, kind: 'regression' | 'classification', change: object) => {
    const task = 'stars';
    await api.dataSource.query(
      `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores)
       VALUES ($1, $2, $3, $4, 'test', 'text', $5, 'SUCCEEDED', $6)`,
      [
        randomUUID(),
        api.projectId,
        await modelOf(experiment),
        compared.version,
        JSON.stringify([{ task, targetColumns: [task] }]),
        JSON.stringify([{ ...scoresOfKinds[kind], task, ...change }]),
      ],
    );
  };
  await score(a, 'regression', {});
  await score(b, 'regression', { average: { ...scoresOfKinds.regression.average, rmse: 1.5, spearman: 0.5 } });
  await score(c, 'classification', {});
  const { evaluations } = await compared.compare<{
    evaluations: { tasks: { targetColumns: string[]; measures: { measure: string }[] }[] }[];
  }>(
    [a.id, b.id, c.id],
    'evaluations { tasks { targetColumns measures { measure direction values differences best { name } } } }',
  );
  expect(evaluations).toHaveLength(2);
  const [numbers, classes] = evaluations.map(({ tasks }) => tasks[0]!);
  expect(numbers!.targetColumns).toEqual(['stars']);
  expect(numbers!.measures.map(({ measure }) => measure)).toEqual([
    ...['LOSS', 'MSE', 'RMSE', 'MAE', 'R2', 'PEARSON', 'SPEARMAN'],
  ]);
  const named = new Map(numbers!.measures.map((each) => [each.measure, each]));
  expect(named.get('RMSE')).toMatchObject({
    direction: 'LOWER_IS_BETTER',
    values: [2.1, 1.5, null],
    best: { name: 'numbers b' },
  });
  // Of equal numbers there is no correlation.
  expect(named.get('SPEARMAN')).toMatchObject({
    direction: 'HIGHER_IS_BETTER',
    values: [null, 0.5, null],
    differences: [null, null, null],
    best: { name: 'numbers b' },
  });
  expect(classes!.measures[0]).toMatchObject({ measure: 'ACCURACY', values: [null, null, 0.75] });
});

test('tasks asked for in another order are the same question; other tasks are not', async () => {
  const [a, b] = [await compared.create('two tasks a'), await compared.create('two tasks b')];
  await evaluated(await modelOf(a), { split: 'test', tasks: ['topic', 'mood'], accuracy: 0.5, minute: 1 });
  const model = await modelOf(b);
  await evaluated(model, { split: 'test', tasks: ['mood', 'topic'], accuracy: 0.25, minute: 2 });
  await evaluated(model, { split: 'test', tasks: ['mood'], accuracy: 0.75, minute: 3 });
  const { evaluations } = await compared.compare<{
    evaluations: { tasks: { task: string; measures: { values: unknown }[] }[] }[];
  }>([a.id, b.id], 'evaluations { tasks { task measures { values } } }');
  expect(evaluations.map(({ tasks }) => tasks.map(({ task, measures }) => [task, measures[0]!.values]))).toEqual([
    [
      ['topic', [0.5, 0.25]],
      ['mood', [0.5, 0.25]],
    ],
    [['mood', [null, 0.75]]],
  ]);
});

test('the number of statements does not depend on the number of experiments', async () => {
  const all: TestExperiment[] = [];
  for (let i = 0; i < 8; i += 1) {
    const experiment = await compared.create(`counted ${i}`, { seed: i });
    await record(api.dataSource, experiment.runId, [metrics(1, { 'train/loss': i }), metrics(2, { 'train/loss': 0 })]);
    await evaluated(await modelOf(experiment), { split: 'test', tasks: ['label'], accuracy: 0.5, minute: i });
    all.push(experiment);
  }
  const statements = (count: number) =>
    countStatements(api, () =>
      compared.compare(
        all.slice(0, count).map(({ id }) => id),
        `experiments { name } configuration(onlyDifferences: false) { path values { text } }
       metricSeries(alignBy: EXAMPLES) { x lines { values } } summary { best { name } values { newest { value } best { value } } }
       evaluations { datasetVersion { number } tasks { measures { values best { name } } } evaluations { model { name } } }`,
      ),
    );
  // Experiments, base models, versions, datasets; series, their stored points, fewest points, newest values;
  // evaluations and their models.
  expect([await statements(2), await statements(8)]).toEqual([11, 11]);
});
