import { describe, expect, test } from 'vitest';
import { clippingScale } from '../../../gpu-worker/optim/clipping.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';

describe('the learning rate', () => {
  const common = { peakLearningRate: 2, warmupUpdates: 4, totalUpdates: 12 };

  test('rises from 0 to the peak over the warm-up', () => {
    const rates = [0, 1, 2, 3, 4].map((update) => learningRate({ ...common, schedule: 'constant' }, update));
    expect(rates).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  test('then stays, falls in a line, or falls in half a cosine wave, and never below 0', () => {
    const rates = (schedule: 'constant' | 'linear' | 'cosine') =>
      [4, 8, 12].map((update) => Number(learningRate({ ...common, schedule }, update).toFixed(12)));
    expect(rates('constant')).toEqual([2, 2, 2]);
    expect(rates('linear')).toEqual([2, 1, 0]);
    expect(rates('cosine')).toEqual([2, 1, 0]);
    expect(learningRate({ ...common, schedule: 'linear' }, 20)).toBe(0);
  });

  test('starts at the peak without warm-up', () => {
    expect(learningRate({ ...common, warmupUpdates: 0, schedule: 'linear' }, 0)).toBe(2);
  });
});

describe('clipping', () => {
  test('halves gradients of twice the allowed norm and leaves smaller ones alone', () => {
    expect(clippingScale(2, 1)).toBeCloseTo(0.5, 5);
    expect(clippingScale(0.5, 1)).toBe(1);
    expect(clippingScale(0, 1)).toBe(1);
  });
});
