import { type Architecture, traitsOf } from '../protocol/architectures/index.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';

/** What a hyperparameter is when a client leaves it out. Shown in the schema's descriptions. */
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
 * The learning rate when a client leaves it out: the less there is to train, the larger the steps it bears. 5e-5 is the default of transformers'
 * trainer.
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

/** As in the LoRA configurations of PEFT's own examples: alpha is twice the rank. */
export const loraDefaults = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false } as const;
