import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const types = { experiments: 'Experiment', datasets: 'Dataset', baseModels: 'BaseModel', evaluations: 'Evaluation' };
type List = keyof typeof types;

async function refusal(list: List, filter: unknown, orderBy: unknown): Promise<unknown> {
  const { status, body } = await api.send(
    `query ($filter: ${types[list]}Filter, $orderBy: ${types[list]}Order) {
      project { ${list}(filter: $filter, orderBy: $orderBy) { nodes { id } } } }`,
    { filter, orderBy },
  );
  expect(status).toBe(200);
  expect(body.errors).toHaveLength(1);
  expect(body.errors).toMatchObject([{ path: ['project', list], extensions: { code: 'BAD_USER_INPUT' } }]);
  return body.errors?.[0]?.message;
}

const project = globalId('Project', '00000000-0000-4000-8000-000000000000');

test.each<[List, unknown, string]>([
  ['experiments', { text: 'x'.repeat(201) }, '`filter.text` is longer than 200 characters.'],
  ['experiments', { text: 'a b c d e f g h i j k' }, '`filter.text` has 11 words, 10 are allowed.'],
  ['experiments', { tags: Array(101).fill('a') }, '`filter.tags` has 101 values, 100 are allowed.'],
  ['experiments', { status: Array(101).fill('FAILED') }, '`filter.status` has 101 values, 100 are allowed.'],
  [
    'experiments',
    { baseModelId: [project] },
    '`filter.baseModelId`: This is an id of the type Project: an id of the type BaseModel is needed.',
  ],
  [
    'experiments',
    { author: ['nobody'] },
    '`filter.author`: This is not an id from this API: an id of the type User is needed.',
  ],
  [
    'experiments',
    { metrics: [{ key: 'a', min: 2, max: 1 }] },
    '`filter.metrics.0` has a `min` that is greater than its `max`.',
  ],
  ['experiments', { metrics: Array(11).fill({ key: 'a' }) }, '`filter.metrics` has 11 ranges, 10 are allowed.'],
  [
    'experiments',
    { createdAfter: '2026-01-02T00:00:00Z', createdBefore: '2026-01-01T00:00:00Z' },
    '`filter.createdAfter` is later than `filter.createdBefore`.',
  ],
  [
    'evaluations',
    { finishedAfter: '2026-01-02T00:00:00Z', finishedBefore: '2026-01-01T00:00:00Z' },
    '`filter.finishedAfter` is later than `filter.finishedBefore`.',
  ],
  ['evaluations', { scores: Array(11).fill({ measure: 'LOSS' }) }, '`filter.scores` has 11 ranges, 10 are allowed.'],
  [
    'evaluations',
    { modelId: [project] },
    '`filter.modelId`: This is an id of the type Project: an id of the type BaseModel is needed.',
  ],
  [
    'datasets',
    { exampleCount: { min: 2, max: 1 } },
    '`filter.exampleCount` has a `min` that is greater than its `max`.',
  ],
  ['datasets', { column: 'x'.repeat(201) }, '`filter.column` is longer than 200 characters.'],
  [
    'baseModels',
    { parameterCount: { min: '9223372036854775807', max: 1 } },
    '`filter.parameterCount` has a `min` that is greater than its `max`.',
  ],
])('%s: the filter %j is refused', async (list, filter, message) => {
  expect(await refusal(list, filter, null)).toBe(message);
});

test.each<[List, unknown, string]>([
  ['experiments', { field: 'NAME', metric: 'a' }, '`orderBy` takes either `field` or `metric`, not both.'],
  ['experiments', { metric: 'x'.repeat(201) }, '`orderBy.metric` is longer than 200 characters.'],
  ['baseModels', { field: 'NAME', metric: 'a' }, '`orderBy` takes either `field` or `metric`, not both.'],
  ['evaluations', { field: 'CREATED', measure: 'LOSS' }, '`orderBy` takes either `field` or `measure`, not both.'],
  ['evaluations', { task: 'a' }, '`orderBy.task` needs a `measure`.'],
])('%s: the order %j is refused', async (list, orderBy, message) => {
  expect(await refusal(list, null, orderBy)).toBe(message);
});

test.each(['99999999999999999999', '9223372036854775808', '-9223372036854775809', 2 ** 53, 0.5, true])(
  'a bound of %s is refused',
  async (min) => {
    const { body } = await api.send(
      'query ($min: BigInt) { project { baseModels(filter: { parameterCount: { min: $min } }) { totalCount } } }',
      { min },
    );
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  },
);

test('bounds of 64 bits are taken whole, as literals too', async () => {
  const { project } = await api.request<{ project: unknown }>(/* GraphQL */ `{ project {
    all: baseModels(filter: { parameterCount: { min: "-9223372036854775808", max: 9223372036854775807 } }) { totalCount }
  } }`);
  expect(project).toEqual({ all: { totalCount: 0 } });
});
