import type { Hyperparameters } from '../protocol/run-spec.js';

/** What a hyperparameter is when a client leaves it out. Shown in the schema's descriptions. */
export const hyperparameterDefaults = {
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
  // For the few epochs that are usual here, it only slows learning.
  dropout: 0,
  maxLength: 128,
  seed: 0,
  freeze: { kind: 'none' },
  earlyStopping: null,
  checkpointEverySteps: 200,
} as const satisfies Hyperparameters;
