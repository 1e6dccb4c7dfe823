import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MetricSpans1764000012000 } from '../../../migrations/1764000012000-metric-spans.js';
import { PointsOfSpans1764000260000 } from '../../../migrations/1764000260000-points-of-spans.js';
import { inTransaction, poolQuery } from '../../../src/database/transaction.js';
import { metricSeries } from '../../../src/experiments/metric-series.reads.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { insertMetricPoints } from '../../support/insert-metric-points.js';
import { createTestExperiment } from '../../support/runs.js';

interface Point {
  readonly attempt: number;
  readonly step: number;
  readonly value: number;
  readonly seq: number;
}

let api: TestApi;
let runIds: readonly string[];
beforeAll(async () => {
  api = await startTestApi();
  runIds = [await newRun('first'), await newRun('second')].sort();
});
afterAll(() => api?.close());
beforeEach(clear);

async function newRun(name: string): Promise<string> {
  return (await createTestExperiment(api, { name })).runId;
}

async function clear(): Promise<void> {
  await api.dataSource.query('DELETE FROM metric_points');
  await api.dataSource.query('DELETE FROM metric_blocks');
  await api.dataSource.query('DELETE FROM metric_spans');
}

/** Writes points as a worker does: in batches, of one attempt each. */
async function write(runId: string, key: string, points: readonly Point[], batchSize: number): Promise<void> {
  for (let start = 0; start < points.length; ) {
    const { attempt } = points[start]!;
    const batch = points.slice(start, start + batchSize).filter((point) => point.attempt === attempt);
    await inTransaction(api.dataSource, ({ query }) =>
      insertMetricPoints(
        query,
        runId,
        attempt,
        batch.map((point) => ({ ...point, key, epoch: point.step / 100 })),
      ),
    );
    start += batch.length;
  }
}

/** As a version wrote summaries that did not have their points. */
async function forgetPoints(attempt: number | null): Promise<void> {
  await api.dataSource.query(
    `UPDATE metric_spans SET first_point = NULL, last_point = NULL, least_point = NULL, greatest_point = NULL, non_finite_point = NULL
     WHERE $1::int IS NULL OR attempt = $1`,
    [attempt],
  );
}

async function read(args: { key: string; runId: string; maxPoints: number; attempt: number | null }) {
  const { key, runId, ...rest } = args;
  const series = await metricSeries(poolQuery(api.dataSource), runIds, { keys: null, ...rest });
  // The same, whichever way the series are named; sorted.
  expect(
    await metricSeries(poolQuery(api.dataSource), [...runIds].reverse(), {
      keys: [...new Set(['nothing', ...series.map((each) => each.key)])],
      ...rest,
    }),
  ).toEqual(series);
  const found = series.find((each) => each.runId === runId && each.key === key);
  if (found === undefined) return [];
  const { points, pointCount, lastSeq } = found;
  return points.map((point) => ({ ...point, pointCount, lastSeq }));
}

/** For each step the highest attempt, or all of one attempt, by step. */
function shown(points: readonly Point[], attempt: number | null): Point[] {
  const byStep = new Map<number, Point>();
  for (const point of points) {
    if (attempt !== null && point.attempt !== attempt) continue;
    if ((byStep.get(point.step)?.attempt ?? 0) < point.attempt) byStep.set(point.step, point);
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

/** The points a series keeps, from all of them: written the long way. */
function thin(points: readonly Point[], maxPoints: number): Point[] {
  if (points.length <= maxPoints) return [...points];
  const stretches = Math.floor(maxPoints / 5);
  const firstSpan = Math.floor(points[0]!.step / 512);
  const spans = Math.floor(points.at(-1)!.step / 512) - firstSpan + 1;
  // A stretch's limits are those of spans, unless it is narrower than the narrowest.
  const grain = spans >= stretches ? 512 : spans * 512 >= stretches * 64 ? 64 : 1;
  const stretchOf = ({ step }: Point) =>
    Math.floor(((step - (step % grain) - firstSpan * 512) * stretches) / (spans * 512));
  const kept = new Set<Point>();
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const inside = points.filter((point) => stretchOf(point) === stretch);
    const finite = inside.filter(({ value }) => Number.isFinite(value));
    const least = Math.min(...finite.map(({ value }) => value));
    const greatest = Math.max(...finite.map(({ value }) => value));
    const chosen = [
      inside[0],
      inside.at(-1),
      finite.find(({ value }) => value === least),
      finite.find(({ value }) => value === greatest),
      inside.find(({ value }) => !Number.isFinite(value)),
    ];
    for (const point of chosen) if (point !== undefined) kept.add(point);
  }
  return [...kept].sort((a, b) => a.step - b.step);
}

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -50, max: 50 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
);

/** What one attempt recorded: a stretch of steps, every nth of them, some of those left out. */
const attemptPoints = fc
  .record({
    from: fc.integer({ min: 0, max: 1500 }),
    every: fc.constantFrom(1, 1, 1, 2, 7, 50),
    values: fc.array(fc.option(value, { freq: 12, nil: null }), { maxLength: 700 }),
  })
  .map(({ from, every, values }) =>
    values.flatMap((each, i) => (each === null ? [] : [{ step: from + i * every, value: each }])),
  );

const history = fc
  .array(attemptPoints, { minLength: 1, maxLength: 4 })
  .map((attempts) => attempts.flatMap((points, i) => points.map((point) => ({ attempt: i + 1, ...point }))))
  .map((points) => points.map((point, i): Point => ({ ...point, seq: i + 1 })));

test('a series is what its points say, whatever the attempts, the gaps and the batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(history, { minLength: 2, maxLength: 2 }),
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(10, 12, 37, 100, 400),
      fc.constantFrom(null, null, 1, 2),
      fc.constantFrom('none', 'the first attempt', 'all'),
      async (histories, batchSize, maxPoints, attempt, former) => {
        await clear();
        const [first, second] = histories;
        const written = [
          { runId: runIds[0]!, key: 'train/loss', points: first! },
          { runId: runIds[1]!, key: 'train/loss', points: second! },
          { runId: runIds[1]!, key: 'train/gradientNorm', points: first! },
        ];
        for (const { runId, key, points } of written) await write(runId, key, points, batchSize);
        if (former !== 'none') await forgetPoints(former === 'all' ? null : 1);
        for (const { runId, key, points } of written) {
          const all = shown(points, attempt);
          const rows = await read({ runId, key, maxPoints, attempt });
          expect(rows.map(({ attempt, step, value, epoch }) => ({ attempt, step, value, epoch }))).toEqual(
            thin(all, maxPoints).map(({ attempt, step, value }) => ({ attempt, step, value, epoch: step / 100 })),
          );
          promised(rows, all, maxPoints);
        }
      },
    ),
    { numRuns: 90 },
  );
}, 120_000);

/** What holds however stretches are cut. */
function promised(rows: Awaited<ReturnType<typeof read>>, all: readonly Point[], maxPoints: number): void {
  expect(rows.length).toBeLessThanOrEqual(maxPoints);
  if (all.length === 0) return;
  expect(rows[0]).toMatchObject({
    step: all[0]!.step,
    pointCount: all.length,
    lastSeq: Math.max(...all.map(({ seq }) => seq)),
  });
  expect(rows.at(-1)!.step).toBe(all.at(-1)!.step);
  const extremes = (points: readonly { value: number }[]) => {
    const finite = points.map(({ value }) => value).filter(Number.isFinite);
    return [Math.min(...finite), Math.max(...finite)];
  };
  expect(extremes(rows)).toEqual(extremes(all));
  const firstNonFinite = (points: readonly { value: number; step: number }[]) =>
    points.find((point) => !Number.isFinite(point.value))?.step;
  expect(firstNonFinite(rows)).toBe(firstNonFinite(all));
}

test('series of many runs come in the order of their runs, each once', async () => {
  const many: string[] = [];
  for (let i = 0; i < 43; i += 1) many.push(await newRun(`one of many ${i}`));
  await Promise.all(many.map((runId, i) => write(runId, 'train/loss', [{ attempt: 1, step: i, value: i, seq: 1 }], 1)));
  const args = { keys: ['train/loss'], maxPoints: 10, attempt: null };
  const series = await metricSeries(poolQuery(api.dataSource), [...many, many[0]!], args);
  expect(series.map(({ runId, points }) => [runId, points.map(({ step }) => step)])).toEqual(
    many.map((runId, i) => [runId, [i]]).sort(([a], [b]) => (a! < b! ? -1 : 1)),
  );
});

describe('summaries', () => {
  const line = (attempt: number, from: number, to: number, value: (step: number) => number): Point[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ attempt, step: from + i, value: value(from + i), seq: i + 1 }));

  test('say what was recorded of 64 and 512 steps', async () => {
    const runId = runIds[0]!;
    await write(
      runId,
      'train/loss',
      line(1, 500, 600, (step) => (step === 550 ? Number.NaN : Math.abs(step - 580))),
      7,
    );
    expect(
      await api.dataSource.query(
        `SELECT width, span, bit_count(steps)::int AS count, first_step, last_step, least, greatest, non_finite_step
         FROM metric_spans WHERE run_id = $1 ORDER BY width, span`,
        [runId],
      ),
    ).toEqual([
      summary(64, 7, 12, [500, 511], [69, 511], [80, 500], null),
      summary(64, 8, 64, [512, 575], [5, 575], [68, 512], 550),
      summary(64, 9, 25, [576, 600], [0, 580], [20, 600], null),
      summary(512, 0, 12, [500, 511], [69, 511], [80, 500], null),
      summary(512, 1, 89, [512, 600], [0, 580], [68, 512], 550),
    ]);
  });

  function summary(
    width: number,
    span: number,
    count: number,
    [first_step, last_step]: [number, number],
    [least, leastStep]: [number, number],
    [greatest, greatestStep]: [number, number],
    non_finite_step: number | null,
  ) {
    return {
      width,
      span,
      count,
      first_step,
      last_step,
      least: [least, leastStep, 1],
      greatest: [greatest, -greatestStep, 1],
      non_finite_step,
    };
  }

  test('hide the extremes of an attempt that was superseded, in whole spans and in parts of them', async () => {
    const runId = runIds[0]!;
    // Attempt 1 has its extremes at 3000 (superseded) and 900 (not); attempt 2 goes on from step 2001.
    const first = line(1, 1, 4000, (step) => (step === 3000 ? 99 : step === 900 ? 50 : 0));
    const second = line(2, 2001, 5000, (step) => (step === 2050 ? -7 : 1));
    await write(runId, 'train/loss', [...first, ...second], 1000);
    const rows = await read({ runId, key: 'train/loss', maxPoints: 10, attempt: null });
    expect(rows[0]).toMatchObject({ pointCount: 5000, lastSeq: 3000, step: 1, attempt: 1 });
    expect(rows.map(({ value }) => value).sort((a, b) => a - b)).toEqual(expect.arrayContaining([-7, 50]));
    expect(rows.map(({ value }) => value)).not.toContain(99);
    const before = await read({ runId, key: 'train/loss', maxPoints: 10, attempt: 1 });
    expect(before.find(({ value }) => value === 99)).toMatchObject({ step: 3000, pointCount: 4000, lastSeq: 4000 });
  });

  test('of points from before there were summaries are the same', async () => {
    await write(
      runIds[0]!,
      'train/loss',
      line(1, 40, 1200, (step) => (step % 97 === 0 ? Number.NaN : step % 13)),
      100,
    );
    await write(
      runIds[1]!,
      'train/loss',
      line(3, 100, 300, () => Number.POSITIVE_INFINITY),
      100,
    );
    const all = () =>
      api.dataSource.query(
        `SELECT run_id, key, width, span, attempt, steps, first_step, last_step, least, greatest, non_finite_step, last_seq
         FROM metric_spans ORDER BY run_id, key, width, span, attempt`,
      );
    const written = await all();
    const rows = await read({ runId: runIds[0]!, key: 'train/loss', maxPoints: 400, attempt: null });
    expect(written).toHaveLength(3 + 19 + 1 + 4);
    // Then each point was a row.
    await api.dataSource.query(
      `INSERT INTO metric_points (run_id, key, attempt, step, seq, epoch, value)
       SELECT run_id, key, attempt, step, rank() OVER (PARTITION BY run_id ORDER BY step), epoch, value
         FROM recorded_points
       ON CONFLICT DO NOTHING`,
    );
    await api.dataSource.query('DELETE FROM metric_blocks');
    const runner = api.dataSource.createQueryRunner();
    try {
      await runner.query('DROP TABLE metric_spans');
      await new MetricSpans1764000012000().up(runner);
      await new PointsOfSpans1764000260000().up(runner);
    } finally {
      await runner.release();
    }
    expect(await all()).toEqual(written);
    // Rows and blocks are read alike.
    const before = await read({ runId: runIds[0]!, key: 'train/loss', maxPoints: 400, attempt: null });
    expect(before.map(({ at: _, ...row }) => row)).toEqual(rows.map(({ at: _, ...row }) => row));
  });

  test('are not changed by a write that is rolled back', async () => {
    const runId = runIds[0]!;
    await write(
      runId,
      'train/loss',
      line(1, 1, 100, () => 1),
      100,
    );
    await expect(
      inTransaction(api.dataSource, async ({ query }) => {
        await insertMetricPoints(query, runId, 1, [{ key: 'train/loss', step: 101, seq: 1, epoch: 1, value: 9 }]);
        throw new Error('The attempt is over.');
      }),
    ).rejects.toThrow('The attempt is over.');
    const rows = await read({ runId, key: 'train/loss', maxPoints: 10, attempt: null });
    expect(rows[0]).toMatchObject({ pointCount: 100 });
    expect(rows.some(({ value }) => value === 9)).toBe(false);
  });
});
