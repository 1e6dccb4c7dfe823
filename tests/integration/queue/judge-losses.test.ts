import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeLosses } from '../../../gpu-worker/queue/judge-losses.js';
import { insertMetricPoints } from '../../support/insert-metric-points.js';
import { createRunRows, type RunRows } from '../../support/run-rows.js';

let rows: RunRows;
beforeAll(async () => {
  rows = await createRunRows();
});
afterAll(() => rows?.close());

/** A run with these training losses, one for each step; each list was recorded by an attempt, from a given step on. */
async function runWith(...attempts: readonly { readonly from: number; readonly losses: readonly number[] }[]) {
  const runId = await rows.addRun();
  for (const [i, { from, losses }] of attempts.entries()) {
    const points = losses.map((value, k) => ({
      key: 'train/loss',
      step: from + k,
      seq: 1000 * i + k + 1,
      epoch: 1,
      value,
    }));
    await insertMetricPoints(rows.query, runId, i + 1, points);
  }
  return runId;
}

const judge = async (...losses: readonly number[]) => judgeLosses(rows.query, await runWith({ from: 1, losses }));

test('a loss that stays where it was, or rises, is found', async () => {
  expect(await judge(0.5, 0.7, 0.6, 0.6, 0.6, 0.6, 0.7, 0.5)).toEqual([
    { code: 'LOSS_NEVER_FELL', firstLoss: 0.6, lastLoss: 0.6, averagedSteps: 2, steps: 8 },
  ]);
  expect(await judge(0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.4)).toMatchObject([{ firstLoss: 0.1, lastLoss: 0.4 }]);
});

test('a loss that falls by more than its spread is not; one that falls within its spread is', async () => {
  expect(await judge(0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)).toEqual([]);
  // Means 0.7 and 0.6, standard errors 0.2 each.
  expect(await judge(0.5, 0.9, 0.7, 0.7, 0.7, 0.7, 0.4, 0.8)).toHaveLength(1);
});

test('fewer than eight updates are not judged', async () => {
  expect(await judge(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)).toEqual([]);
});

test('of a step that two attempts recorded, the later one counts', async () => {
  const first = { from: 1, losses: [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9] };
  const second = { from: 5, losses: [0.5, 0.4, 0.3, 0.2] };
  expect(await judgeLosses(rows.query, await runWith(first, second))).toEqual([]);
});

test('of a long run a thousand updates at either end are compared', async () => {
  const losses = Array.from({ length: 9000 }, (_, i) => (i < 1000 || i >= 8000 ? 0.5 + (i % 2) / 10 : 0.1));
  const [found] = await judge(...losses);
  expect(found).toMatchObject({ averagedSteps: 1000, steps: 9000 });
});
