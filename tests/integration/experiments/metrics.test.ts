import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { beginAttempt, createTestExperiment, metrics, record } from '../../support/runs.js';

interface Point {
  step: number;
  value: number | null;
  nonFinite: string | null;
  attempt: number;
}
interface Series {
  definition: { key: string; unit: string; direction: string; split: string; task: string | null };
  points: Point[];
  pointCount: number;
  truncated: boolean;
  lastSeq: number;
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

async function seriesOf(id: string, args: Record<string, unknown> = {}): Promise<Series[]> {
  const { experiment } = await api.request<{ experiment: { metricSeries: Series[] } }>(
    /* GraphQL */ `query ($id: ID!, $keys: [String!], $maxPoints: Int! = 500, $attempt: Int) {
      experiment(id: $id) {
        metricSeries(keys: $keys, maxPoints: $maxPoints, attempt: $attempt) {
          definition { key unit direction split task }
          points { step value nonFinite attempt }
          pointCount truncated lastSeq
        }
      }
    }`,
    { id, ...args },
  );
  return experiment.metricSeries;
}

test('a series has its points by step, and says what they mean', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'plain' });
  await beginAttempt(api.dataSource, runId, 1);
  await record(api.dataSource, runId, [
    metrics(1, { 'train/loss': 0.75, 'validation/topic/f1': 0.5 }),
    metrics(2, { 'train/loss': 0.5 }),
  ]);
  const lastSeq = await record(api.dataSource, runId, [metrics(3, { 'train/loss': 0.25 })]);
  const [loss, f1] = await seriesOf(id);
  expect(loss).toEqual({
    definition: { key: 'train/loss', unit: 'NATS', direction: 'LOWER_IS_BETTER', split: 'train', task: null },
    points: [
      { step: 1, value: 0.75, nonFinite: null, attempt: 1 },
      { step: 2, value: 0.5, nonFinite: null, attempt: 1 },
      { step: 3, value: 0.25, nonFinite: null, attempt: 1 },
    ],
    pointCount: 3,
    truncated: false,
    lastSeq,
  });
  expect(f1!.definition).toEqual({
    key: 'validation/topic/f1',
    unit: 'RATIO',
    direction: 'HIGHER_IS_BETTER',
    split: 'validation',
    task: 'topic',
  });
  expect((await seriesOf(id, { keys: ['validation/topic/f1'] })).map(({ definition }) => definition.key)).toEqual([
    'validation/topic/f1',
  ]);
});

test('for each step the highest attempt counts; superseded points stay readable', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'resumed' });
  await beginAttempt(api.dataSource, runId, 1);
  await record(
    api.dataSource,
    runId,
    [1, 2, 3, 4, 5].map((step) => metrics(step, { 'train/loss': step })),
  );
  await beginAttempt(api.dataSource, runId, 2);
  await record(
    api.dataSource,
    runId,
    [3, 4].map((step) => metrics(step, { 'train/loss': 10 * step })),
  );

  const [now] = await seriesOf(id);
  expect(now!.points.map(({ step, value, attempt }) => [step, value, attempt])).toEqual([
    [1, 1, 1],
    [2, 2, 1],
    [3, 30, 2],
    [4, 40, 2],
    [5, 5, 1],
  ]);
  const [first] = await seriesOf(id, { attempt: 1 });
  expect(first!.points.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);

  const { experiment } = await api.request<{ experiment: { summary: unknown } }>(
    /* GraphQL */ `query ($id: ID!) { experiment(id: $id) { summary { definition { key } value step attempt } } }`,
    { id },
  );
  expect(experiment.summary).toEqual([{ definition: { key: 'train/loss' }, value: 40, step: 4, attempt: 2 }]);
});

test('a long series is thinned, and its first, last, extreme and non-finite points survive', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'long' });
  const points = 3000;
  const spikes = new Map([
    [777, 1000],
    [1234, -1000],
    [2001, Number.NaN],
    [2500, Number.POSITIVE_INFINITY],
  ]);
  await record(
    api.dataSource,
    runId,
    Array.from({ length: points }, (_, i) => metrics(i + 1, { 'train/loss': spikes.get(i + 1) ?? Math.sin(i) })),
  );
  const [series] = await seriesOf(id, { maxPoints: 100 });
  expect(series).toMatchObject({ pointCount: points, truncated: true });
  expect(series!.points.length).toBeGreaterThan(50);
  expect(series!.points.length).toBeLessThanOrEqual(100);
  const steps = series!.points.map(({ step }) => step);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  expect(steps).toEqual(expect.arrayContaining([1, ...spikes.keys(), points]));
  expect(series!.points.find(({ step }) => step === 2001)).toMatchObject({ value: null, nonFinite: 'NAN' });
  expect(series!.points.find(({ step }) => step === 2500)).toMatchObject({
    value: null,
    nonFinite: 'POSITIVE_INFINITY',
  });
  // A bucket that holds a NaN still shows its finite extremes.
  const [all] = await seriesOf(id, { maxPoints: 10 });
  expect(all!.points.map(({ step }) => step)).toEqual(expect.arrayContaining([777, 1234]));
});

test('a summary carries what is not finite, and walks every metric', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'diverged' });
  await record(api.dataSource, runId, [
    metrics(1, { 'train/loss': 1, 'train/gradientNorm': 1, 'validation/f1': 0.5 }),
    metrics(2, { 'train/loss': Number.NaN, 'train/gradientNorm': Number.POSITIVE_INFINITY }),
  ]);
  const { experiment } = await api.request<{ experiment: { summary: unknown } }>(
    /* GraphQL */ `query ($id: ID!) { experiment(id: $id) { summary { definition { key } value nonFinite step } } }`,
    { id },
  );
  expect(experiment.summary).toEqual([
    { definition: { key: 'train/gradientNorm' }, value: null, nonFinite: 'POSITIVE_INFINITY', step: 2 },
    { definition: { key: 'train/loss' }, value: null, nonFinite: 'NAN', step: 2 },
    { definition: { key: 'validation/f1' }, value: 0.5, nonFinite: null, step: 1 },
  ]);
});

test('maxPoints out of range is a mistake in the query', async () => {
  const { id } = await createTestExperiment(api, { name: 'asked too much' });
  const { body } = await api.send(
    /* GraphQL */ `query ($id: ID!) { experiment(id: $id) { metricSeries(maxPoints: 9) { pointCount } } }`,
    { id },
  );
  expect(body.errors).toMatchObject([
    { message: '`maxPoints` must be from 10 to 10000.', extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});
