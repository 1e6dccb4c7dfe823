import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharePosterior, wilsonInterval } from '../../../src/statistics/intervals.js';
import type { Comparison } from '../../../src/statistics/ranking/comparisons.js';
import { rankByCrowd } from '../../../src/statistics/ranking/crowd-bt.js';
import { rankModels } from '../../../src/statistics/ranking/rank-models.js';
import { controlStyle, type StyledComparison } from '../../../src/statistics/ranking/style-control.js';
import { signTest } from '../../../src/statistics/sign-test.js';

type Ratings = Readonly<Record<string, number>>;

interface Reference {
  readonly plain: {
    readonly comparisons: readonly Comparison[];
    readonly ratings: Ratings;
    readonly davidson: { readonly ratings: Ratings; readonly tieParameter: number };
  };
  readonly apart: { readonly comparisons: readonly Comparison[]; readonly ratings: Ratings };
  readonly crowd: {
    readonly comparisons: readonly Comparison[];
    readonly ratings: Ratings;
    readonly reliabilities: Readonly<Record<string, number>>;
  };
  readonly styled: {
    readonly comparisons: readonly StyledComparison[];
    readonly ratings: Ratings;
    readonly coefficients: readonly number[];
  };
  readonly shares: readonly {
    readonly successes: number;
    readonly tries: number;
    readonly wilson: readonly [number, number];
    readonly posterior: readonly [number, number];
  }[];
  readonly signs: readonly { readonly wins: number; readonly losses: number; readonly p: number }[];
}

const reference: Reference = JSON.parse(
  readFileSync(new URL('../reference/rankings.reference.json', import.meta.url), 'utf8'),
);
const options = { seed: 1, rounds: 100, baseline: 'm1' };

/** Ratings are points of several hundred; scipy's are exact to about a thousandth of one. */
function expectRatings(
  models: readonly { readonly model: string; readonly rating: number }[],
  expected: Ratings,
  near = 0.01,
) {
  expect(models.map(({ model }) => model).sort()).toEqual(Object.keys(expected).sort());
  for (const { model, rating } of models) expect(Math.abs(rating - expected[model]!)).toBeLessThan(near);
}

describe('rankings beside scipy and scikit-learn', () => {
  it('has the ratings of Bradley and Terry’s model', () => {
    const found = rankModels(reference.plain.comparisons, options);
    expectRatings(found.models, reference.plain.ratings);
    expect(found).toMatchObject({ converged: true, hasPrior: false, tieParameter: 0 });
  });

  it('has those of Davidson’s model of ties', () => {
    const found = rankModels(reference.plain.comparisons, { ...options, ties: 'DAVIDSON' });
    expectRatings(found.models, reference.plain.davidson.ratings);
    expect(found.tieParameter).toBeCloseTo(reference.plain.davidson.tieParameter, 5);
  });

  it('has those with half a win and half a loss more where models fall apart', () => {
    const found = rankModels(reference.apart.comparisons, options);
    expectRatings(found.models, reference.apart.ratings);
    expect(found.hasPrior).toBe(true);
    expect(found.components.map((names) => [...names].sort()).sort()).toEqual([
      ['m0', 'm1', 'm2'],
      ['m3'],
      ['m4'],
      ['m5'],
    ]);
  });

  it('has those of Crowd-BT, and how reliable people are', () => {
    const found = rankByCrowd(reference.crowd.comparisons, options);
    expectRatings(found.models, reference.crowd.ratings, 0.1);
    for (const { annotator, reliability } of found.annotators) {
      expect(reliability).toBeCloseTo(reference.crowd.reliabilities[annotator]!, 4);
    }
    expect(found.converged).toBe(true);
  });

  it('has those at equal style', () => {
    const features = ['tokens', 'headings'];
    const found = controlStyle(reference.styled.comparisons, { ...options, features });
    expectRatings(found.models, reference.styled.ratings);
    for (const [f, { coefficient }] of found.features.entries()) {
      expect(coefficient).toBeCloseTo(reference.styled.coefficients[f]!, 5);
    }
  });
});

describe('intervals and tests beside statsmodels and scipy', () => {
  it.each(reference.shares)('of $successes of $tries', ({ successes, tries, wilson, posterior }) => {
    const found = wilsonInterval(successes, tries)!;
    expect(found.low).toBeCloseTo(wilson[0], 12);
    expect(found.high).toBeCloseTo(wilson[1], 12);
    const { low, high } = sharePosterior(successes, tries - successes);
    expect(low).toBeCloseTo(posterior[0], 10);
    expect(high).toBeCloseTo(posterior[1], 10);
  });

  it.each(reference.signs)('of $wins wins and $losses losses', ({ wins, losses, p }) => {
    expect(signTest(wins, losses)! / p).toBeCloseTo(1, 8);
  });
});
