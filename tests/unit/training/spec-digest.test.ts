import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { digestOfSpec } from '../../../gpu-worker/training/spec-digest.js';
import { RunSpec } from '../../../src/protocol/methods/index.js';

/** As the first release wrote it, field by field. */
const earlier = {
  method: 'supervised',
  baseModelDigest: 'a'.repeat(64),
  datasetDigest: 'b'.repeat(64),
  textColumn: 'text',
  trainSplit: 'train',
  validationSplit: 'validation',
  hyperparameters: {
    learningRate: 3e-4,
    epochs: 1,
    batchSize: 32,
    gradientAccumulationSteps: 1,
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradientNorm: 1,
    warmupRatio: 0.1,
    schedule: 'linear',
    dropout: 0,
    maxLength: 128,
    seed: 0,
    freeze: { kind: 'none' },
    earlyStopping: null,
    checkpointEverySteps: 200,
  },
  labelColumn: 'label',
  labels: ['ham', 'spam'],
  classWeights: { kind: 'none' },
};

test('a checkpoint of the first release is still of its spec, although specs have more fields now', () => {
  const then = createHash('sha256').update(JSON.stringify(earlier)).digest('hex');
  expect(digestOfSpec(RunSpec.parse(earlier))).toBe(then);
});

test.each([
  { pairColumn: 'answer' },
  { heldOut: { examples: 20, seed: 0, stratifyBy: ['label'], keepTogether: ['text'] } },
  { hyperparameters: { ...earlier.hyperparameters, truncationSide: 'left' } },
  { hyperparameters: { ...earlier.hyperparameters, pooling: 'mean' } },
  {
    hyperparameters: {
      ...earlier.hyperparameters,
      adapter: { rank: 8, alpha: 16, rankStabilized: false, dropout: 0, targetModules: ['query'] },
    },
  },
])('%j makes another spec', (change) => {
  expect(digestOfSpec(RunSpec.parse({ ...earlier, ...change }))).not.toBe(digestOfSpec(RunSpec.parse(earlier)));
});
