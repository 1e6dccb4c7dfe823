import { type Architecture, traitsOf } from '../protocol/architectures/index.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';

/** The defaults of hyperparameters that a client leaves out. The schema's descriptions show them. */
export const hyperparameterDefaults = {
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
  maxLength: 128,
  adapter: null,
  seed: 0,
  freeze: { kind: 'none' },
  earlyStopping: null,
  checkpointEverySteps: 200,
} as const satisfies Omit<Hyperparameters, 'learningRate' | 'dropout' | 'pooling' | 'truncationSide'>;

/**
 * The learning rate when a client leaves it out: the fewer parameters are trained, the larger the steps can be. 5e-5 is
 * the default of transformers' trainer.
 */
export function defaultLearningRate(
  architecture: Architecture,
  { adapter, freeze }: Pick<Hyperparameters, 'adapter' | 'freeze'>,
): number {
  const ofFamily = traitsOf({ architecture }).defaultLearningRate;
  if (ofFamily !== null) return ofFamily;
  if (adapter !== null) return learningRateDefaults.adapter;
  return freeze.kind === 'encoder' ? learningRateDefaults.headsAlone : learningRateDefaults.encoder;
}

export const learningRateDefaults = { encoder: 5e-5, adapter: 5e-4, headsAlone: 1e-3 } as const;

/** Alpha is twice the rank, as in the LoRA configurations of PEFT's own examples. */
export const loraDefaults = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false } as const;
