import { expect, test } from 'vitest';
import { mostDiverse, mostUnsure, unsureOf } from '../../../gpu-worker/batch-jobs/unsure-rows.js';

const shares = (...probabilities: readonly number[]) =>
  probabilities.map((probability, i) => ({ label: String(i), probability }));
const one = (...probabilities: readonly number[]) =>
  ({ kind: 'classification', task: 'topic', labels: shares(...probabilities) }) as const;
const several = (...probabilities: readonly number[]) =>
  ({
    kind: 'multiLabel',
    task: 'tags',
    labels: shares(...probabilities).map((each) => ({ ...each, threshold: 0.5, isPredicted: each.probability >= 0.5 })),
  }) as const;

test('entropy is ln 4 of four equal labels, and 0 of a sure one; the margin is that of the two likeliest', () => {
  expect(unsureOf(one(0.25, 0.25, 0.25, 0.25), 'ENTROPY').uncertainty).toBeCloseTo(Math.log(4), 12);
  expect(unsureOf(one(1, 0), 'ENTROPY').uncertainty).toBe(0);
  expect(unsureOf(one(0.5, 0.3, 0.2), 'MARGIN').uncertainty).toBeCloseTo(0.8, 12);
  expect(unsureOf(one(0.5, 0.3, 0.2), 'DIVERSITY')).toEqual({ labels: shares(0.5, 0.3, 0.2), uncertainty: null });
});

test('independent labels: the mean entropy of the decisions, or the decision nearest to 0.5', () => {
  expect(unsureOf(several(0.5, 1), 'ENTROPY').uncertainty).toBeCloseTo(Math.log(2) / 2, 12);
  expect(unsureOf(several(0.9, 0.4), 'MARGIN').uncertainty).toBeCloseTo(0.8, 12);
});

test('the most unsure come first, of several as unsure those that stand before', () => {
  expect(mostUnsure([0.1, 0.7, 0.3, 0.7], 3)).toEqual([1, 3, 2]);
});

test('texts that cover the others go by angle: the nearest to the mean, then the opposite one, lengths aside', () => {
  const features = Float32Array.from([10, 0, 0.9, 0.1, 1, -0.1, -2, 0.1]);
  expect(mostDiverse(features, 2, 2)[1]).toBe(3);
  expect(mostDiverse(Float32Array.from([1, 0, 0, 1]), 2, 5)).toHaveLength(2);
});
