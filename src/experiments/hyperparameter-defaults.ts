import { type Architecture, traitsOf } from '../protocol/architectures/index.js';
import type { Hyperparameters } from '../protocol/hyperparameters.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import type { Pooling } from '../protocol/pooling.js';
import type { ChosenDefault } from './chosen-default.js';

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
): ChosenDefault<number> {
  const ofFamily = traitsOf({ architecture }).defaultLearningRate;
  if (ofFamily !== null) return { value: ofFamily, reason: 'It suits models of this family, which are small.' };
  const { adapter: ofAdapter, headsAlone, encoder } = learningRateDefaults;
  if (adapter !== null) return { value: ofAdapter, reason: 'Few parameters are trained: those of an adapter.' };
  if (freeze.kind === 'encoder')
    return { value: headsAlone, reason: 'Heads alone are trained, over a frozen encoder.' };
  return { value: encoder, reason: "The encoder is trained: the default of transformers' trainer." };
}

/** What heads of texts read when a client does not say. Null for a family that has a pooling of its own. */
export function defaultPooling({
  config,
  pooling,
  heads,
}: Pick<ModelManifest, 'config' | 'pooling' | 'heads'>): ChosenDefault<Pooling | null> {
  const ofFamily = traitsOf(config).defaultPooling;
  if (pooling === null) {
    const reason =
      ofFamily === null
        ? 'Models of this family have a pooling of their own.'
        : "The model's files do not say how it pools; this is what …ForSequenceClassification of transformers reads.";
    return { value: ofFamily, reason };
  }
  const reason =
    heads.length > 0
      ? "It is what the model's heads were trained on."
      : "The model's files say so: modules.json and 1_Pooling of sentence-transformers.";
  return { value: pooling, reason };
}

export const learningRateDefaults = { encoder: 5e-5, adapter: 5e-4, headsAlone: 1e-3 } as const;

/** Alpha is twice the rank, as in the LoRA configurations of PEFT's own examples. */
export const loraDefaults = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false } as const;
