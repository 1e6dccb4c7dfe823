import { describe, expect, it } from 'vitest';
import { pearson, ranksOf, spearman } from '../../../gpu-worker/metrics/correlation.js';
import { scoreRegression } from '../../../gpu-worker/metrics/regression-scores.js';
import { RegressionScores, TaskScores } from '../../../src/protocol/evaluation-scores.js';
import reference from '../../numerics/reference/head-scores.reference.json' with { type: 'json' };
import { expectNumbersClose } from './numbers-close.js';

const { outputs, means, scales } = reference.regression;
const targets = Float64Array.from(reference.regression.targets, (target) => target ?? Number.NaN);
const given = Float32Array.from(reference.regression.given);
const asGiven = { means: [0], scales: [1] };
const column = (...values: number[]) => Float64Array.from(values);

describe('scoreRegression', () => {
  it('equals scikit-learn and SciPy, with missing targets and ties', () => {
    const scores = scoreRegression({ task: 'ratings', outputs, means, scales }, given, targets);
    expectNumbersClose(scores, RegressionScores.parse(reference.regression.scores), 1e-8);
    expect(TaskScores.parse(JSON.parse(JSON.stringify(scores)))).toEqual(scores);
  });

  it('counts by hand, in the unit of the targets', () => {
    // 10 + 2 · (0, 1, 2) = 10, 12, 14 for 10, 13, 16: errors 0, 1, 2.
    const task = { task: 't', outputs: ['y'], means: [10], scales: [2] };
    const scores = scoreRegression(task, Float32Array.of(0, 1, 2), column(10, 13, 16));
    expect(scores.perOutput[0]).toMatchObject({ name: 'y', exampleCount: 3, mse: 5 / 3, mae: 1 });
    expect(scores.average.rmse).toBeCloseTo(Math.sqrt(5 / 3), 12);
    // Σ(y − 13)² = 18.
    expect(scores.average.r2).toBeCloseTo(1 - 5 / 18, 12);
    expect(scores.average.pearson).toBeCloseTo(1, 12);
    expect(scores.average.spearman).toBeCloseTo(1, 12);
    expect(scores.loss).toBeCloseTo(5 / 3 / 4, 12);
  });

  it('has no R² for constant targets and no correlation with a constant; averages leave them out', () => {
    const task = { task: 't', outputs: ['same', 'stuck', 'free'], means: [0, 0, 0], scales: [1, 1, 1] };
    const scores = scoreRegression(task, Float32Array.of(1, 4, 1, 2, 4, 2), column(5, 1, 1, 5, 3, 2));
    const [same, stuck, free] = scores.perOutput;
    expect(same).toMatchObject({ r2: null, pearson: null, spearman: null, mse: (16 + 9) / 2 });
    expect(stuck).toMatchObject({ pearson: null, spearman: null });
    expect(stuck?.r2).toBeCloseTo(1 - (9 + 1) / 2, 12);
    expect(free).toMatchObject({ r2: 1, mse: 0 });
    expect(scores.average.r2).toBeCloseTo((1 - 5 + 1) / 2, 12);
    expect(scores.average.pearson).toBeCloseTo(1, 12);
  });

  it('leaves out what is missing: a cell, an example, an output', () => {
    const { NaN: missing } = Number;
    const task = { task: 't', outputs: ['a', 'none'], means: [0, 0], scales: [1, 1] };
    const scores = scoreRegression(
      task,
      Float32Array.of(1, 1, 2, 2, 3, 3),
      column(1, missing, missing, missing, 5, missing),
    );
    expect(scores).toMatchObject({ exampleCount: 2, loss: 2, average: { mse: 2 } });
    expect(scores.perOutput.map(({ exampleCount }) => exampleCount)).toEqual([2, 0]);
    expect(scores.perOutput[1]).toMatchObject({ mse: 0, r2: null });
    expect(
      scoreRegression({ task: 't', outputs: ['y'], ...asGiven }, Float32Array.of(1), column(missing)),
    ).toMatchObject({
      exampleCount: 0,
      loss: 0,
      average: { mse: 0, r2: null, pearson: null },
    });
  });

  it('gives NaN for NaN', () => {
    const task = { task: 't', outputs: ['y'], ...asGiven };
    const scores = scoreRegression(task, Float32Array.of(1, Number.NaN, 2), column(1, 2, 3));
    const { average, loss } = scores;
    for (const value of [loss, ...Object.values(average)]) expect(value).toBeNaN();
  });
});

describe('correlations', () => {
  it('of ranks see order alone', () => {
    expect(spearman(column(1, 2, 3, 4), column(1, 10, 100, 1e9))).toBeCloseTo(1, 12);
    expect(spearman(column(1, 2, 3), column(9, 8, -7))).toBeCloseTo(-1, 12);
  });

  it('let equal numbers share their mean rank', () => {
    expect(ranksOf(column(7, 1, 7, 3))).toEqual(column(3.5, 1, 3.5, 2));
  });

  it('do not leave the range of numbers', () => {
    expect(pearson(column(1e-200, 2e-200, 3e-200), column(1e200, 2e200, 3e200))).toBeCloseTo(1, 12);
  });
});
