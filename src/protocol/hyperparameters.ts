import { z } from 'zod';
import { LoraConfig } from './model-manifest.js';
import { Pooling } from './pooling.js';
import { mostTokens } from './usual-tokens.js';

/**
 * Which part of the base model stays as it was. `prefix` freezes the embeddings and the first `layers` encoder layers.
 */
export const Freeze = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('prefix'), layers: z.number().int().min(0) }),
  z.object({ kind: z.literal('encoder') }),
]);
export type Freeze = z.infer<typeof Freeze>;

export const EarlyStopping = z.object({
  /** A validation metric's key, e.g. `validation/loss`. */
  metric: z.string(),
  /** Evaluations without improvement before training stops. */
  patience: z.number().int().min(1),
  minDelta: z.number().min(0),
});
export type EarlyStopping = z.infer<typeof EarlyStopping>;

/** The course of the learning rate after the warm-up. Names and values are those of transformers' `get_scheduler`. */
export const LearningRateSchedule = z.enum(['constant', 'linear', 'cosine']);
export type LearningRateSchedule = z.infer<typeof LearningRateSchedule>;

export const Hyperparameters = z.object({
  learningRate: z.number().positive().max(1),
  epochs: z.number().int().min(1).max(1000),
  batchSize: z.number().int().min(1).max(1024),
  gradientAccumulationSteps: z.number().int().min(1).max(1024),
  weightDecay: z.number().min(0).max(1),
  beta1: z.number().min(0).lt(1),
  beta2: z.number().min(0).lt(1),
  epsilon: z.number().positive(),
  /** Global norm that the gradient is clipped to; null: no clipping. */
  maxGradientNorm: z.number().positive().nullable(),
  /** Share of all optimizer steps over which the learning rate rises from 0. */
  warmupRatio: z.number().min(0).max(1),
  schedule: LearningRateSchedule,
  /** Every dropout probability of the model; null: each as the model's own configuration has it. */
  dropout: z.number().min(0).max(0.9).nullable(),
  /** Texts are cut to this many tokens, special tokens included. */
  maxLength: z.number().int().min(4).max(mostTokens),
  truncationSide: z.enum(['left', 'right']).default('right'),
  /** What heads read; null for Universal Sentence Encoder Lite, which pools in its own way. */
  pooling: Pooling.nullable().default(null),
  /** Train a low-rank adapter, and heads, instead of the model's own weights; `freeze` is then `none`. */
  adapter: LoraConfig.nullable().default(null),
  seed: z.number().int().min(0).max(0xffffffff),
  freeze: Freeze,
  earlyStopping: EarlyStopping.nullable(),
  /** Optimizer steps between checkpoints; one is also written at the end of each epoch. */
  checkpointEverySteps: z.number().int().min(1),
  /** Optimizer steps between evaluations; there is also one at the end of each epoch. Null: those alone. */
  evaluateEverySteps: z.number().int().min(1).nullable().default(null),
});
export type Hyperparameters = z.infer<typeof Hyperparameters>;
