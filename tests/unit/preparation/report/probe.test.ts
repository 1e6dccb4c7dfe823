import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confidentJoint,
  findLabelErrors,
  type LabelErrorRule,
} from '../../../../gpu-worker/preparation/report/confident-learning.js';
import { center, dealFolds, predictOutOfFold } from '../../../../gpu-worker/preparation/report/cross-validation.js';
import { minimize } from '../../../../gpu-worker/preparation/report/minimize.js';
import { fitProbe, type LabelledFeatures, predictInto } from '../../../../gpu-worker/preparation/report/probe.js';
import reference from './reference/probe.reference.json' with { type: 'json' };

const data: LabelledFeatures = {
  features: Float64Array.from(reference.features),
  labels: Int32Array.from(reference.labels),
  dimensions: reference.dimensions,
  classes: reference.classes,
};
const all = Int32Array.from(data.labels.keys());
const exactly = { tolerance: 1e-9, maxIterations: 2000 };
const outOfFold = {
  probabilities: Float64Array.from(reference.outOfFold),
  labels: data.labels,
  classes: data.classes,
};

function mostApart(one: ArrayLike<number>, two: ArrayLike<number>): number {
  expect(one.length).toBe(two.length);
  return Array.from(one).reduce((most, each, i) => Math.max(most, Math.abs(each - two[i]!)), 0);
}

describe('the probe', () => {
  it.each(Object.entries(reference.whole))('equals scikit-learn’s logistic regression at C = %s', (c, expected) => {
    const probe = fitProbe(data, all, { c: Number(c), ...exactly });
    expect(mostApart(probe.weights, expected.weights)).toBeLessThan(1e-5);
    const probabilities = new Float64Array(data.labels.length * data.classes);
    predictInto(probabilities, probe, data, all);
    const shown = probabilities.subarray(0, expected.probabilities.length);
    expect(mostApart(shown, expected.probabilities)).toBeLessThan(1e-6);
  });

  it('predicts out of fold what scikit-learn predicts', () => {
    const probabilities = predictOutOfFold(data, Int32Array.from(reference.folds), { c: 1, ...exactly });
    expect(mostApart(probabilities, reference.outOfFold)).toBeLessThan(1e-6);
  });

  it('gives the class shares where features say nothing', () => {
    const labels = Int32Array.from([0, 0, 0, 1]);
    const nothing: LabelledFeatures = { features: new Float32Array(4 * 3), labels, dimensions: 3, classes: 2 };
    const probabilities = new Float64Array(8);
    predictInto(
      probabilities,
      fitProbe(nothing, Int32Array.from([0, 1, 2, 3]), { c: 1, ...exactly }),
      nothing,
      all.slice(0, 1),
    );
    expect(probabilities[0]).toBeCloseTo(0.75, 7);
  });

  it('finds the minimum of a function whose minimum is known', () => {
    // Σ i (x − i)², with very different curvatures.
    const minimum = minimize(
      (point, gradient) => {
        let value = 0;
        for (const [i, x] of point.entries()) {
          const curvature = (i + 1) ** 3;
          gradient[i] = 2 * curvature * (x - i);
          value += curvature * (x - i) ** 2;
        }
        return value;
      },
      new Float64Array(12),
      { tolerance: 1e-10, maxIterations: 500 },
    );
    expect(mostApart(minimum, Array.from(minimum.keys()))).toBeLessThan(1e-9);
  });
});

describe('folds', () => {
  it('have each class in equal parts, give or take one example', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 2, max: 6 }),
        fc.integer(),
        (labels, folds, seed) => {
          const foldOf = dealFolds(Int32Array.from(labels), folds, seed);
          expect(dealFolds(Int32Array.from(labels), folds, seed)).toEqual(foldOf);
          for (const label of new Set(labels)) {
            const counts = Array.from({ length: folds }, () => 0);
            for (const [i, each] of labels.entries()) if (each === label) counts[foldOf[i]!]!++;
            expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('have features around 0 that vary by 1 on average', () => {
    // Around the means 2 and 7: −1, 0, 1, 0, whose mean square is 1/2.
    const centered = center(Float32Array.from([1, 7, 3, 7]), 2);
    expect(mostApart(centered, [-Math.SQRT2, 0, Math.SQRT2, 0])).toBeLessThan(1e-12);
  });
});

describe('confident learning', () => {
  it('counts the confident joint as cleanlab does', () => {
    expect(Array.from(confidentJoint(outOfFold).joint)).toEqual(reference.confidentJoint);
  });

  it.each(Object.entries(reference.labelErrors))('finds the same label errors as cleanlab: %s', (name, expected) => {
    const [rule, rankedBy] = name.split('/') as [LabelErrorRule, 'selfConfidence' | 'normalizedMargin'];
    expect(findLabelErrors(outOfFold, rule, rankedBy)).toEqual(expected);
  });

  it('finds nothing where each label is the most probable class', () => {
    const probabilities = Float64Array.from([0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.2, 0.8]);
    const data = { probabilities, labels: Int32Array.from([0, 0, 1, 1]), classes: 2 };
    expect(findLabelErrors(data, 'pruneByNoiseRate')).toEqual([]);
    expect(Array.from(confidentJoint(data).joint)).toEqual([2, 0, 0, 2]);
  });

  it('finds the one label that was turned', () => {
    const probabilities = Float64Array.from([0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9]);
    const data = { probabilities, labels: Int32Array.from([0, 0, 0, 1, 1, 1]), classes: 2 };
    expect(findLabelErrors(data, 'pruneByNoiseRate')).toEqual([2]);
  });
});
