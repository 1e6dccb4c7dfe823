import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertEvaluation, insertExperiments, insertPlace, insertUser, scoresOf } from '../../support/listed-rows.js';
import { ids, insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let ada: string;
let place: Awaited<ReturnType<typeof insertPlace>>;
let other: Awaited<ReturnType<typeof insertPlace>>;
let experiment: string;
let trained: string;
/** What the test calls an evaluation, by its id. */
const called = new Map<string, string>();

beforeAll(async () => {
  api = await startTestApi();
  ada = await insertUser(api.dataSource, 'Ada');
  place = await insertPlace(api, 'mails');
  other = await insertPlace(api, 'Reviews');
  const [made] = await insertExperiments(api.dataSource, place, [{ name: 'training' }]);
  experiment = made!.id;
  trained = await insertBaseModel(api.dataSource, api.projectId, { name: 'trained', producedByRunId: made!.runId });
  const add = async (name: string, options: Partial<Parameters<typeof insertEvaluation>[1]>): Promise<void> => {
    const id = await insertEvaluation(api.dataSource, { ...place, ...options });
    called.set(globalId('Evaluation', id), name);
  };
  await add('good', {
    status: 'SUCCEEDED',
    createdAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T00:05:00Z',
    scores: [scoresOf('label', 0.9, 0.3, ['ham', 'spam'])],
    createdBy: ada,
  });
  await add('mixed', {
    status: 'SUCCEEDED',
    createdAt: '2026-01-02T00:00:00Z',
    finishedAt: '2026-01-02T00:05:00Z',
    baseModelId: trained,
    tasks: ['label', 'tone'],
    scores: [scoresOf('label', 0.95, 0.1, ['ham', 'spam']), scoresOf('tone', 0.05, 2, ['kind', 'rude'])],
  });
  await add('failed', {
    status: 'FAILED',
    createdAt: '2026-01-03T00:00:00Z',
    finishedAt: '2026-01-03T00:05:00Z',
    split: 'validation',
  });
  await add('queued', { ...other, createdAt: '2026-01-04T00:00:00Z' });
});
afterAll(() => api?.close());

async function list(filter: unknown, orderBy?: unknown): Promise<(string | undefined)[]> {
  const { project } = await api.request<{ project: { evaluations: { totalCount: number; nodes: { id: string }[] } } }>(
    /* GraphQL */ `query ($filter: EvaluationFilter, $orderBy: EvaluationOrder) {
      project { evaluations(filter: $filter, orderBy: $orderBy) { totalCount nodes { id } } } }`,
    { filter, orderBy },
  );
  expect(project.evaluations.totalCount).toBe(project.evaluations.nodes.length);
  return project.evaluations.nodes.map(({ id }) => called.get(id));
}

describe('filter', () => {
  test.each([
    ['nothing', {}, ['queued', 'failed', 'mixed', 'good']],
    ['status', { status: ['QUEUED', 'FAILED'] }, ['queued', 'failed']],
    ['no status', { status: [] }, []],
    ['split', { split: ['validation', 'train'] }, ['failed']],
    ['task', { task: 'tone' }, ['mixed']],
    ['label', { label: 'spam' }, ['mixed', 'good']],
    ['label of one task', { label: 'rude' }, ['mixed']],
    ['score', { scores: [{ measure: 'ACCURACY', min: 0.9 }] }, ['mixed', 'good']],
    ['score of a task', { scores: [{ measure: 'MACRO_F1', task: 'tone', max: 0.1 }] }, ['mixed']],
    ['score of the other task', { scores: [{ measure: 'MACRO_F1', task: 'label', max: 0.1 }] }, []],
    ['score that there is', { scores: [{ measure: 'WEIGHTED_F1' }] }, ['mixed', 'good']],
    [
      'several scores',
      {
        scores: [
          { measure: 'MICRO_F1', min: 0.9 },
          { measure: 'LOSS', max: 0.2 },
        ],
      },
      ['mixed'],
    ],
    ['text of the model', { text: 'TRAINED' }, ['mixed']],
    ['text of the dataset', { text: 'data reviews' }, ['queued']],
    ['words of both', { text: 'trained mails' }, ['mixed']],
    ['hostile text', { text: "%' OR true; --" }, []],
    ['time', { createdAfter: '2026-01-02T00:00:00Z', createdBefore: '2026-01-03T00:00:00Z' }, ['mixed']],
    ['its end', { finishedAfter: '2026-01-02T00:05:00Z', finishedBefore: '2026-01-03T00:05:00Z' }, ['mixed']],
  ])('by %s', async (_, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('by model, base model, dataset, version and author', async () => {
    expect(await list({ modelId: [ids.baseModel(trained)] })).toEqual(['mixed']);
    expect(await list({ baseModelId: [ids.baseModel(place.baseModelId)] })).toEqual(['mixed']);
    expect(await list({ datasetId: [ids.dataset(other.datasetId)] })).toEqual(['queued']);
    expect(await list({ datasetVersionId: [ids.version(other.datasetVersionId)] })).toEqual(['queued']);
    expect(await list({ author: [globalId('User', ada)] })).toEqual(['good']);
  });
});

describe('order', () => {
  test.each([
    ['by creation', { field: 'CREATED', direction: 'ASC' }, ['good', 'mixed', 'failed', 'queued']],
    ['by end', { field: 'FINISHED' }, ['failed', 'mixed', 'good', 'queued']],
    // Mean accuracy: 0.9 and (0.95 + 0.05) / 2 = 0.5.
    ['by the mean of a score', { measure: 'ACCURACY' }, ['good', 'mixed', 'queued', 'failed']],
    ['by a score of a task', { measure: 'ACCURACY', task: 'label' }, ['mixed', 'good', 'queued', 'failed']],
    ['by a loss', { measure: 'LOSS', direction: 'ASC' }, ['good', 'mixed', 'queued', 'failed']],
    [
      'by a task that few have',
      { measure: 'LOSS', task: 'tone', direction: 'ASC' },
      ['mixed', 'queued', 'failed', 'good'],
    ],
  ])('%s', async (_, orderBy, expected) => {
    expect(await list(null, orderBy)).toEqual(expected);
  });

  test('of a model and of an experiment', async () => {
    const query = /* GraphQL */ `query ($model: ID!, $experiment: ID!) {
      node(id: $model) { ... on BaseModel { evaluations(filter: { task: "tone" }, orderBy: { measure: LOSS }) { totalCount } } }
      experiment(id: $experiment) { evaluations(filter: { task: "tone" }, orderBy: { measure: LOSS }) { totalCount nodes { id } } }
    }`;
    const found = await api.request<{ experiment: { evaluations: { nodes: { id: string }[] } } }>(query, {
      model: ids.baseModel(trained),
      experiment: globalId('Experiment', experiment),
    });
    expect(found).toMatchObject({
      node: { evaluations: { totalCount: 1 } },
      experiment: { evaluations: { totalCount: 1 } },
    });
    expect(found.experiment.evaluations.nodes.map(({ id }) => called.get(id))).toEqual(['mixed']);
  });
});
