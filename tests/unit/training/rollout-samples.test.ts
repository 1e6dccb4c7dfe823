import { expect, test } from 'vitest';
import type { Rollout } from '../../../gpu-worker/rollouts/open-rollouts.js';
import { rolloutSamples } from '../../../gpu-worker/training/policy/policy-metrics.js';

test('rollouts say how long they are, which share the limit cut off, and how sure their tokens were', () => {
  const rollout = (entropies: readonly number[], isTruncated: boolean): Rollout => ({
    prompt: 0,
    sample: 0,
    ids: new Int32Array(entropies.length),
    logProbabilities: new Float32Array(entropies.length),
    entropies: Float32Array.from(entropies),
    isTruncated,
  });
  const samples = rolloutSamples('train', [
    rollout([1, 1, 1, 1], true),
    rollout([0], false),
    rollout([2, 1, 0], false),
    rollout([0.5, 0.5], false),
  ]);
  expect(Object.fromEntries(samples.map(({ key, value }) => [key, value]))).toEqual({
    'train/length': 10 / 4,
    'train/leastLength': 1,
    'train/mostLength': 4,
    'train/truncatedShare': 1 / 4,
    'train/entropy': 8 / 10,
  });
});
