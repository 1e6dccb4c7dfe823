import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import { JobPayload } from '../../../src/protocol/job.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { digest, insertArtifact, insertBaseModel, insertDataset, tinyBert } from '../../support/rows.js';
import { hyperparameters } from '../../support/specs.js';

/** What release 0.1 stored, which had classification alone: migrated, and read through the API. */

const common = {
  baseModelDigest: digest('model bare'),
  datasetDigest: digest('mails 1'),
  trainSplit: 'train',
  validationSplit: 'validation',
  hyperparameters: { ...hyperparameters, pooling: 'firstToken' },
  textColumn: 'text',
  pairColumn: null,
};
const balanced = { kind: 'balanced' };
const explicit = { kind: 'explicit', weights: [{ label: '3', weight: 2 }] };
const formerSpecs = {
  supervised: {
    method: 'supervised',
    ...common,
    labelColumn: 'label',
    labels: ['ham', 'spam'],
    classWeights: balanced,
  },
  multiTask: {
    method: 'multiTask',
    ...common,
    tasks: [
      { name: 'topic', labelColumn: 'label', labels: ['ham', 'spam'], weight: 1, classWeights: { kind: 'none' } },
      { name: 'rating', labelColumn: 'stars', labels: ['1', '2', '3'], weight: 0.5, classWeights: explicit },
    ],
    lossWeighting: 'fixed',
  },
};
const average = { precision: 0.7, recall: 0.6, f1: 0.65 };
const scores = {
  task: 'label',
  exampleCount: 4,
  accuracy: 0.75,
  loss: 0.5,
  macro: average,
  micro: average,
  weighted: average,
  perClass: [
    { label: 'ham', ...average, support: 2 },
    { label: 'spam', ...average, support: 2 },
  ],
  confusionMatrix: [
    [2, 0],
    [1, 1],
  ],
};

let database: TestDatabase;
let api: TestApi;
const row = { supervised: randomUUID(), multiTask: randomUUID(), tuned: '', evaluation: randomUUID(), bare: '' };
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  const before = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: migrations.slice(
      0,
      migrations.findIndex(({ name }) => name.startsWith('Heads')),
    ),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
  });
  await before.initialize();
  await before.runMigrations();
  const [{ id: projectId }] = await before.query(
    `INSERT INTO projects (id, slug, name) VALUES ($1, 'default', 'Default') RETURNING id`,
    [randomUUID()],
  );
  const { versionIds } = await insertDataset(before, projectId, { name: 'mails' });
  row.bare = await insertBaseModel(before, projectId, { name: 'bare', manifest: tinyBert });
  for (const method of ['supervised', 'multiTask'] as const) {
    const runId = randomUUID();
    await before.query(
      `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
       VALUES ($1, $2, $3, $3, $4, $5, $6)`,
      [row[method], projectId, method, JSON.stringify(formerSpecs[method]), row.bare, versionIds[0]],
    );
    await before.query(`INSERT INTO runs (id, experiment_id, status) VALUES ($1, $2, 'QUEUED')`, [runId, row[method]]);
    await before.query(
      `INSERT INTO jobs (id, project_id, run_id, lane, kind, payload, state)
       VALUES ($1, $2, $3, 'training', 'train', $4, 'queued')`,
      [randomUUID(), projectId, runId, JSON.stringify({ kind: 'train', runId, spec: formerSpecs[method] })],
    );
  }
  row.tuned = randomUUID();
  await before.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, 'tuned', $3, $4, 'test')`,
    [
      row.tuned,
      projectId,
      await insertArtifact(before, 'tuned'),
      JSON.stringify({ ...tinyBert, heads: [{ task: 'label', labels: ['ham', 'spam'] }] }),
    ],
  );
  const tasks = JSON.stringify([{ task: 'label', labelColumn: 'label' }]);
  await before.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores)
     VALUES ($1, $2, $3, $4, 'test', 'text', $5, 'SUCCEEDED', $6)`,
    [row.evaluation, projectId, row.tuned, versionIds[0], tasks, JSON.stringify([scores])],
  );
  await before.query(
    `INSERT INTO jobs (id, project_id, evaluation_id, lane, kind, payload, state) VALUES ($1, $2, $3, 'short', 'evaluate', $4, 'queued')`,
    [
      randomUUID(),
      projectId,
      row.evaluation,
      JSON.stringify({
        kind: 'evaluate',
        evaluationId: row.evaluation,
        modelDigest: digest('tuned'),
        datasetDigest: digest('mails 1'),
        split: 'test',
        textColumn: 'text',
        tasks: JSON.parse(tasks),
      }),
    ],
  );
  await before.destroy();
  expect(await migrate(database.url)).toContain('Heads1764000019000');
  api = await startTestApi({ database });
  expect(await ensureDefaultProject(api.dataSource)).toBe(projectId);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const supervisedHead = {
  kind: 'classification',
  labelColumn: 'label',
  labels: ['ham', 'spam'],
  classWeights: balanced,
};

test('experiments have heads, and show them in both ways', async () => {
  const method = async (id: string) => {
    const { experiment } = await api.request<{ experiment: { method: unknown } }>(
      `query ($id: ID!) { experiment(id: $id) { method {
        ... on SupervisedFineTuning { labelColumn labels classWeights { kind } head { kind targetColumns outputs } }
        ... on MultiTaskFineTuning { tasks { name weight labelColumn labels
          classWeights { kind weights { label weight } } head { kind targetColumns outputs } } } } } }`,
      { id: globalId('Experiment', id) },
    );
    return experiment.method;
  };
  const [ham, stars] = [
    ['ham', 'spam'],
    ['1', '2', '3'],
  ];
  expect(await method(row.supervised)).toEqual({
    labelColumn: 'label',
    labels: ham,
    classWeights: { kind: 'BALANCED' },
    head: { kind: 'CLASSIFICATION', targetColumns: ['label'], outputs: ham },
  });
  expect(await method(row.multiTask)).toEqual({
    tasks: [
      {
        name: 'topic',
        weight: 1,
        labelColumn: 'label',
        labels: ham,
        classWeights: { kind: 'NONE', weights: [] },
        head: { kind: 'CLASSIFICATION', targetColumns: ['label'], outputs: ham },
      },
      {
        name: 'rating',
        weight: 0.5,
        labelColumn: 'stars',
        labels: stars,
        classWeights: { kind: 'EXPLICIT', weights: [{ label: '3', weight: 2 }] },
        head: { kind: 'CLASSIFICATION', targetColumns: ['stars'], outputs: stars },
      },
    ],
  });
});

test('the specs have all that they had, in the new place', async () => {
  const specs = await api.dataSource.query('SELECT method, spec, labels FROM experiments ORDER BY method DESC');
  const { labelColumn, labels, classWeights, ...supervised } = formerSpecs.supervised;
  expect(specs).toEqual([
    {
      method: 'supervised',
      spec: { ...supervised, head: { kind: 'classification', labelColumn, labels, classWeights } },
      labels: ['ham', 'spam'],
    },
    {
      method: 'multiTask',
      spec: {
        ...formerSpecs.multiTask,
        tasks: formerSpecs.multiTask.tasks.map(({ name, weight, ...head }) => ({
          name,
          weight,
          head: { kind: 'classification', ...head },
        })),
      },
      labels: ['1', '2', '3', 'ham', 'spam'],
    },
  ]);
});

test('experiments are found by their labels, cloned and compared', async () => {
  const { project } = await api.request<{ project: { experiments: { nodes: { name: string }[] } } }>(
    '{ project(slug: "default") { experiments(filter: { label: "3" }) { nodes { name } } } }',
  );
  expect(project.experiments.nodes).toEqual([{ name: 'multiTask' }]);
  const ids = [row.supervised, row.multiTask].map((id) => globalId('Experiment', id));
  const { cloneExperiment, compareExperiments } = {
    ...(await api.request<{ cloneExperiment: { clonedFrom: { name: string } } }>(
      `mutation ($id: ID!) { cloneExperiment(input: { experimentId: $id }) {
        ... on Experiment { clonedFrom { name } } ... on Problems { problems { path code message } } } }`,
      { id: ids[0] },
    )),
    ...(await api.request<{ compareExperiments: { configuration: { path: string }[] } }>(
      `query ($ids: [ID!]!) { compareExperiments(ids: $ids) { ... on ExperimentComparison {
        configuration(onlyDifferences: true) { path } } } }`,
      { ids },
    )),
  };
  expect(cloneExperiment).toEqual({ clonedFrom: { name: 'supervised' } });
  expect(compareExperiments.configuration.map(({ path }) => path)).toContain('method.labelColumn');
  const clones = await api.dataSource.query('SELECT spec FROM experiments WHERE cloned_from_id = $1', [row.supervised]);
  expect(clones).toMatchObject([{ spec: { head: supervisedHead } }]);
});

test('queued jobs are read as the new worker wants them', async () => {
  const jobs = await api.dataSource.query(
    `SELECT payload FROM jobs j LEFT JOIN runs r ON r.id = j.run_id LEFT JOIN experiments e ON e.id = r.experiment_id
     WHERE e.cloned_from_id IS NULL ORDER BY j.kind, e.method DESC`,
  );
  const payloads = jobs.map(({ payload }: { payload: unknown }) => JobPayload.parse(payload));
  expect(payloads).toMatchObject([
    { kind: 'evaluate', tasks: [{ task: 'label', targetColumns: ['label'] }] },
    { kind: 'train', spec: { method: 'supervised', head: supervisedHead } },
    { kind: 'train', spec: { method: 'multiTask', tasks: [{ name: 'topic' }, { head: { labelColumn: 'stars' } }] } },
  ]);
});

test('models and evaluations say their kinds, and keep what they had', async () => {
  const { model, evaluation } = await api.request<{ model: unknown; evaluation: unknown }>(
    `query ($model: ID!, $evaluation: ID!) {
      model: node(id: $model) { ... on BaseModel { heads { task labels } allHeads { task kind outputs } } }
      evaluation: node(id: $evaluation) { ... on Evaluation {
        requestedTasks { task labelColumn targetColumns } tasks { task accuracy } scores { task kind loss } } } }`,
    { model: globalId('BaseModel', row.tuned), evaluation: globalId('Evaluation', row.evaluation) },
  );
  expect(model).toEqual({
    heads: [{ task: 'label', labels: ['ham', 'spam'] }],
    allHeads: [{ task: 'label', kind: 'CLASSIFICATION', outputs: ['ham', 'spam'] }],
  });
  expect(evaluation).toEqual({
    requestedTasks: [{ task: 'label', labelColumn: 'label', targetColumns: ['label'] }],
    tasks: [{ task: 'label', accuracy: 0.75 }],
    scores: [{ task: 'label', kind: 'CLASSIFICATION', loss: 0.5 }],
  });
});

test('evaluations are found by measures that were not kept before', async () => {
  const { project } = await api.request<{ project: { evaluations: { totalCount: number } } }>(
    `{ project(slug: "default") { evaluations(filter: { label: "ham", scores: [{ measure: WEIGHTED_PRECISION, min: 0.7, max: 0.7 }] }) {
      totalCount } } }`,
  );
  expect(project.evaluations.totalCount).toBe(1);
});
