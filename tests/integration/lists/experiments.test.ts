import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertExperiments, insertPlace, insertUser } from '../../support/listed-rows.js';
import { ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { multiTaskSpec, task } from '../../support/specs.js';

let api: TestApi;
let places: Record<'a' | 'b', Awaited<ReturnType<typeof insertPlace>>>;
let ada: string;
let secondVersion: string;

const multiTask = multiTaskSpec({ tasks: [task('intent', ['ask', 'tell']), task('tone', ['kind', 'spam'])] });

beforeAll(async () => {
  api = await startTestApi();
  ada = await insertUser(api.dataSource, 'Ada');
  const { id: datasetId, versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'b', versions: 2 });
  secondVersion = versionIds[1]!;
  places = {
    a: await insertPlace(api, 'a'),
    b: {
      projectId: api.projectId,
      baseModelId: await insertBaseModel(api.dataSource, api.projectId, { name: 'b' }),
      datasetId,
      datasetVersionId: versionIds[0]!,
    },
  };
  await insertExperiments(api.dataSource, places.a, [
    {
      name: 'Spam filter',
      status: 'SUCCEEDED',
      createdAt: '2026-01-01T00:00:00Z',
      startedAt: '2026-01-01T01:00:00Z',
      finishedAt: '2026-01-01T02:00:00Z',
      createdBy: ada,
      tags: ['baseline', 'paper'],
      notes: 'Learning rate 3e-5, as in the paper.\n100% of the data',
      metrics: { 'validation/accuracy': 0.9, 'validation/loss': 0.3 },
    },
    {
      name: 'spam_filter, larger',
      status: 'FAILED',
      createdAt: '2026-01-02T00:00:00Z',
      startedAt: '2026-01-02T00:00:00Z',
      finishedAt: '2026-01-02T03:00:00Z',
      tags: ['baseline'],
      metrics: { 'validation/accuracy': 'NaN', 'validation/loss': 'Infinity' },
    },
    {
      name: 'ÄRGER 🎯',
      status: 'TRAINING',
      createdAt: '2026-01-03T00:00:00Z',
      startedAt: '2026-01-03T01:00:00Z',
      metrics: { 'validation/accuracy': 0.95, 'validation/loss': 0.1 },
      priority: 5,
    },
  ]);
  await insertExperiments(api.dataSource, places.b, [
    { name: 'intents', spec: multiTask, createdAt: '2026-01-04T00:00:00Z', createdBy: ada, priority: -5 },
    { name: 'old', createdAt: '2025-01-01T00:00:00Z', archivedAt: '2026-01-01T00:00:00Z', tags: ['baseline'] },
  ]);
  await insertExperiments(api.dataSource, { ...places.b, datasetVersionId: secondVersion }, [
    { name: 'second version', createdAt: '2026-01-05T00:00:00.000001Z' },
  ]);
});
afterAll(() => api?.close());

const query = /* GraphQL */ `query ($filter: ExperimentFilter, $orderBy: ExperimentOrder) {
  project { experiments(filter: $filter, orderBy: $orderBy) { totalCount nodes { name } } } }`;

/** Names of what a list shows, and a check that the count agrees. */
async function names(filter: unknown, orderBy?: unknown): Promise<string[]> {
  const { project } = await api.request<{
    project: { experiments: { totalCount: number; nodes: { name: string }[] } };
  }>(query, { filter, orderBy });
  expect(project.experiments.totalCount).toBe(project.experiments.nodes.length);
  return project.experiments.nodes.map(({ name }) => name);
}

const [first, second, third, fourth, sixth] = [
  'Spam filter',
  'spam_filter, larger',
  'ÄRGER 🎯',
  'intents',
  'second version',
];

describe('filter', () => {
  test('by default leaves out what is archived', async () => {
    const current = [sixth, fourth, third, second, first];
    expect(await names(null)).toEqual(current);
    expect(await names({})).toEqual(current);
    expect(await names({ archived: false })).toEqual(current);
    expect(await names({ archived: true })).toEqual(['old']);
    expect(await names({ archived: null })).toEqual(current);
    expect((await names({ includeArchived: true })).sort()).toEqual([...current, 'old'].sort());
    expect(await names({ includeArchived: true, archived: true })).toEqual(['old']);
  });

  test.each([
    ['status', { status: ['SUCCEEDED', 'FAILED', 'FAILED'] }, [second, first]],
    ['no status', { status: [] }, []],
    ['method', { method: ['MULTI_TASK'] }, [fourth]],
    ['label of the column', { label: 'ham' }, [sixth, third, second, first]],
    ['label of a task', { label: 'tell' }, [fourth]],
    ['label of either', { label: 'spam' }, [sixth, fourth, third, second, first]],
    ['label that is none', { label: 'spa' }, []],
    ['metric from', { metrics: [{ key: 'validation/accuracy', min: 0.9 }] }, [third, first]],
    ['metric to', { metrics: [{ key: 'validation/accuracy', max: 0.9 }] }, [first]],
    ['metric that is infinite', { metrics: [{ key: 'validation/loss', min: 0.2 }] }, [second, first]],
    ['metric that was recorded', { metrics: [{ key: 'validation/accuracy' }] }, [third, second, first]],
    [
      'several metrics',
      {
        metrics: [
          { key: 'validation/accuracy', min: 0.5 },
          { key: 'validation/loss', min: 0.2, max: 0.4 },
        ],
      },
      [first],
    ],
    ['metric that nobody knows', { metrics: [{ key: 'no/such' }] }, []],
    ['no metrics', { metrics: [], status: ['FAILED'] }, [second]],
    ['created from', { createdAfter: '2026-01-04T00:00:00.000Z' }, [sixth, fourth]],
    ['created before there were years', { createdBefore: '0000-01-01T00:00:00.000Z' }, []],
    ['created before', { createdBefore: '2026-01-02T00:00:00.000Z' }, [first]],
    [
      'created before, to the microsecond',
      { createdBefore: '2026-01-05T00:00:00.000Z' },
      [fourth, third, second, first],
    ],
    [
      'created between',
      { createdAfter: '2026-01-02T00:00:00.000Z', createdBefore: '2026-01-04T00:00:00.000Z' },
      [third, second],
    ],
    ['finished from', { finishedAfter: '2026-01-01T02:00:00.001Z' }, [second]],
    ['finished before', { finishedBefore: '2026-01-02T00:00:00.000Z' }, [first]],
    ['tags', { tags: ['baseline'] }, [second, first]],
    ['all tags', { tags: ['paper', 'baseline'] }, [first]],
    ['no tags', { tags: [], status: ['FAILED'] }, [second]],
    ['tags of the archived', { tags: ['baseline'], archived: true }, ['old']],
    ['several at once', { tags: ['baseline'], status: ['FAILED'], text: 'SPAM' }, [second]],
  ])('by %s', async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  test.each([
    ['SPAM', [second, first]],
    ['filter   spam', [second, first]],
    ['spam_filter', [second]],
    ['_', [second]],
    ['%', [first]],
    ['\\', []],
    ['3E-5 spam', [first]],
    ['100%', [first]],
    ['ärger', [third]],
    ['🎯', [third]],
    ["'; DROP TABLE experiments; --", []],
    ['$1', []],
    ['paper.\n100%', [first]],
    ['filter data spam_', []],
    ['   ', [sixth, fourth, third, second, first]],
  ])('by the text %j', async (text, expected) => {
    expect(await names({ text })).toEqual(expected);
  });

  test('by base model, dataset, version and author', async () => {
    const b = [sixth, fourth];
    expect(await names({ baseModelId: [ids.baseModel(places.b.baseModelId)] })).toEqual(b);
    expect(await names({ datasetId: [ids.dataset(places.b.datasetId)] })).toEqual(b);
    expect(await names({ datasetVersionId: [ids.version(secondVersion)] })).toEqual([sixth]);
    const both = [ids.version(secondVersion), ids.version(places.a.datasetVersionId)];
    expect(await names({ datasetVersionId: both })).toEqual([sixth, third, second, first]);
    expect(await names({ author: [globalId('User', ada)] })).toEqual([fourth, first]);
    expect(await names({ author: [globalId('User', randomUUID())] })).toEqual([]);
  });
});

describe('order', () => {
  test.each([
    ['CREATED', 'DESC', [sixth, fourth, third, second, first]],
    ['CREATED', 'ASC', [first, second, third, fourth, sixth]],
    ['STARTED', 'DESC', [third, second, first, sixth, fourth]],
    ['STARTED', 'ASC', [first, second, third, sixth, fourth]],
    ['FINISHED', 'DESC', [second, first, sixth, fourth, third]],
    ['FINISHED', 'ASC', [first, second, sixth, fourth, third]],
    ['DURATION', 'DESC', [second, first, sixth, fourth, third]],
    ['DURATION', 'ASC', [first, second, sixth, fourth, third]],
    ['NAME', 'ASC', [fourth, sixth, first, second, third]],
    ['NAME', 'DESC', [third, second, first, sixth, fourth]],
    ['PRIORITY', 'DESC', [third, sixth, second, first, fourth]],
    ['PRIORITY', 'ASC', [fourth, sixth, second, first, third]],
  ])('by %s %s', async (field, direction, expected) => {
    expect(await names(null, { field, direction })).toEqual(expected);
  });

  test.each([
    ['validation/accuracy', 'DESC', [third, first, second, sixth, fourth]],
    ['validation/accuracy', 'ASC', [first, third, second, sixth, fourth]],
    ['validation/loss', 'ASC', [third, first, second, sixth, fourth]],
    ['validation/loss', 'DESC', [second, first, third, sixth, fourth]],
    ['no/such', 'DESC', [sixth, fourth, third, second, first]],
  ])('by the metric %s %s, without a value last', async (metric, direction, expected) => {
    expect(await names(null, { metric, direction })).toEqual(expected);
  });

  test('is newest first when nothing else is said', async () => {
    expect(await names(null, {})).toEqual([sixth, fourth, third, second, first]);
    expect(await names({ archived: false }, { metric: 'validation/loss' })).toEqual([
      second,
      first,
      third,
      sixth,
      fourth,
    ]);
  });
});

test('the lists of a base model and a dataset version take the same', async () => {
  const { node } = await api.request<{ node: { usedBy: unknown; exact: unknown } }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on BaseModel {
      usedBy(filter: { tags: ["baseline"] }, orderBy: { metric: "validation/accuracy" }) { totalCount nodes { name } }
      exact: usedBy(filter: { status: [TRAINING] }) { totalCount } } } }`,
    { id: ids.baseModel(places.a.baseModelId) },
  );
  expect(node).toEqual({
    usedBy: { totalCount: 2, nodes: [{ name: first }, { name: second }] },
    exact: { totalCount: 1 },
  });
  const { node: version } = await api.request<{ node: unknown }>(
    /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
      usedBy(filter: { archived: true }, orderBy: { field: NAME, direction: ASC }) { totalCount nodes { name } } } } }`,
    { id: ids.version(places.b.datasetVersionId) },
  );
  expect(version).toEqual({ usedBy: { totalCount: 1, nodes: [{ name: 'old' }] } });
});

test('the deprecated argument `status` still works, and beside a filter', async () => {
  const { project } = await api.request<{ project: unknown }>(/* GraphQL */ `{ project {
    alone: experiments(status: [FAILED, SUCCEEDED]) { totalCount }
    beside: experiments(status: [FAILED], filter: { tags: ["paper"] }) { totalCount }
  } }`);
  expect(project).toEqual({ alone: { totalCount: 2 }, beside: { totalCount: 0 } });
});
