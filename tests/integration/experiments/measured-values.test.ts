import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { beginAttempt, createTestExperiment, metrics, record } from '../../support/runs.js';

/** The newest and the best value of a metric are the same in the summary, in lists and their order, in comparisons. */

const f1 = 'validation/f1';
const loss = 'validation/loss';
let api: TestApi;
/** Ids by name. */
const made: Record<string, string> = {};

beforeAll(async () => {
  api = await startTestApi();
  const add = async (name: string, attempts: readonly (readonly [step: number, f1: number])[][]) => {
    const { id, runId } = await createTestExperiment(api, { name });
    made[name] = id;
    for (const [i, points] of attempts.entries()) {
      await beginAttempt(api.dataSource, runId, i + 1);
      const events = points.map(([step, value]) =>
        metrics(step, { [f1]: value, [loss]: -value, 'train/learningRate': 1 }),
      );
      await record(api.dataSource, runId, events);
    }
  };
  await add('falling', [
    [
      [1, 0.9],
      [2, 0.5],
      [3, 0.4],
    ],
  ]);
  await add('rising', [
    [
      [1, 0.1],
      [2, 0.6],
      [3, 0.7],
    ],
  ]);
  // Attempt 2 recorded step 2 anew, which superseded the best value of attempt 1, and never came to step 600.
  await add('resumed', [
    [
      [1, 0.2],
      [2, 0.99],
      [600, 0.8],
    ],
    [
      [2, 0.3],
      [3, 0.35],
    ],
  ]);
  await add('broken', [
    [
      [1, 0.65],
      [2, Number.NaN],
    ],
  ]);
  await createTestExperiment(api, { name: 'silent' });
});
afterAll(() => api?.close());

interface Value {
  readonly value: number | null;
  readonly step: number;
  readonly attempt: number;
}

test('a summary has the newest and the best value of the metrics that are asked for', async () => {
  const summaryOf = async (name: string, keys: string[]) => {
    const { experiment } = await api.request<{
      experiment: { summary: { definition: { key: string }; newest: Value; best: Value | null }[] };
    }>(
      /* GraphQL */ `query ($id: ID!, $keys: [String!]) { experiment(id: $id) { summary(keys: $keys) {
        definition { key } newest { value step attempt } best { value step attempt } } } }`,
      { id: made[name], keys },
    );
    return experiment.summary;
  };
  expect(await summaryOf('falling', [f1, loss])).toEqual([
    { definition: { key: f1 }, newest: { value: 0.4, step: 3, attempt: 1 }, best: { value: 0.9, step: 1, attempt: 1 } },
    {
      definition: { key: loss },
      newest: { value: -0.4, step: 3, attempt: 1 },
      best: { value: -0.9, step: 1, attempt: 1 },
    },
  ]);
  expect(await summaryOf('resumed', [f1, 'none'])).toEqual([
    {
      definition: { key: f1 },
      newest: { value: 0.35, step: 3, attempt: 2 },
      best: { value: 0.8, step: 600, attempt: 1 },
    },
  ]);
  expect(await summaryOf('broken', [f1])).toMatchObject([{ newest: { value: null }, best: { value: 0.65, step: 1 } }]);
  expect(await summaryOf('falling', ['train/learningRate'])).toMatchObject([{ newest: { value: 1 }, best: null }]);
});

test('lists are sorted by either value, runs without one last', async () => {
  const names = async (orderBy: Record<string, unknown>) => {
    const { project } = await api.request<{ project: { experiments: { nodes: { name: string }[] } } }>(
      'query ($orderBy: ExperimentOrder) { project { experiments(orderBy: $orderBy) { nodes { name } } } }',
      { orderBy },
    );
    return project.experiments.nodes.map(({ name }) => name);
  };
  const best = ['falling', 'resumed', 'rising', 'broken', 'silent'];
  expect(await names({ metric: f1, of: 'BEST' })).toEqual(best);
  expect(await names({ metric: loss, of: 'BEST', direction: 'ASC' })).toEqual(best);
  expect(await names({ metric: f1 })).toEqual(['rising', 'falling', 'resumed', 'broken', 'silent']);
});

test('lists are filtered by either value', async () => {
  const names = async (range: Record<string, unknown>) => {
    const { project } = await api.request<{ project: { experiments: { nodes: { name: string }[] } } }>(
      'query ($filter: ExperimentFilter) { project { experiments(filter: $filter) { nodes { name } } } }',
      { filter: { metrics: [range] } },
    );
    return project.experiments.nodes.map(({ name }) => name).sort();
  };
  expect(await names({ key: f1, of: 'BEST', min: 0.8 })).toEqual(['falling', 'resumed']);
  expect(await names({ key: loss, of: 'BEST', max: -0.8 })).toEqual(['falling', 'resumed']);
  expect(await names({ key: f1, of: 'BEST' })).toEqual(['broken', 'falling', 'resumed', 'rising']);
  expect(await names({ key: f1, min: 0.6 })).toEqual(['rising']);
});

test('a comparison shows the same two values', async () => {
  const { compareExperiments } = await api.request<{
    compareExperiments: { summary: { best: { name: string }; values: { newest: Value; best: Value }[] }[] };
  }>(
    /* GraphQL */ `query ($ids: [ID!]!, $keys: [String!]) { compareExperiments(ids: $ids) { ... on ExperimentComparison {
      summary(keys: $keys) { best { name } values { newest { value newest { value } } best { value best { value } } } } } } }`,
    { ids: [made.rising, made.resumed], keys: [f1] },
  );
  expect(compareExperiments.summary).toEqual([
    {
      best: { name: 'resumed' },
      values: [
        { newest: { value: 0.7, newest: { value: 0.7 } }, best: { value: 0.7, best: { value: 0.7 } } },
        { newest: { value: 0.35, newest: { value: 0.35 } }, best: { value: 0.8, best: { value: 0.8 } } },
      ],
    },
  ]);
});

test('a metric without a direction has no best value to go by', async () => {
  const { body } = await api.send(
    '{ project { experiments(orderBy: { metric: "train/learningRate", of: BEST }) { nodes { id } } } }',
  );
  expect(body.errors?.[0]).toMatchObject({
    message: '`orderBy.metric`: “train/learningRate” has no best value; use NEWEST.',
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test('models are sorted by the best value of the run that they came out of', async () => {
  const { body } = await api.send<unknown>(
    /* GraphQL */ `{ project { baseModels(orderBy: { metric: "validation/f1", of: BEST }
      filter: { metrics: [{ key: "validation/f1", of: BEST, min: 0 }] }) { nodes { id } } } }`,
  );
  expect(body).toEqual({ data: { project: { baseModels: { nodes: [] } } } });
});
