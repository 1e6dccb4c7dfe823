import { z } from 'zod';
import { LoraConfig, Pooling } from './model-manifest.js';
import { Sha256 } from './sha256.js';

/** Which part of the base model stays as it was. `prefix` freezes the embeddings and the first `layers` encoder layers. */
export const Freeze = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('prefix'), layers: z.number().int().min(0) }),
  z.object({ kind: z.literal('encoder') }),
]);
export type Freeze = z.infer<typeof Freeze>;

/** `balanced`: N / (classes · count of the class), as scikit-learn has it. */
export const ClassWeights = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('balanced') }),
  z.object({
    kind: z.literal('explicit'),
    weights: z.array(z.object({ label: z.string(), weight: z.number().positive() })),
  }),
]);
export type ClassWeights = z.infer<typeof ClassWeights>;

export const EarlyStopping = z.object({
  /** A validation metric's key, e.g. `validation/loss`. */
  metric: z.string(),
  /** Evaluations without improvement before training stops. */
  patience: z.number().int().min(1),
  minDelta: z.number().min(0),
});
export type EarlyStopping = z.infer<typeof EarlyStopping>;

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
  /** Global norm the gradient is clipped to; null: no clipping. */
  maxGradientNorm: z.number().positive().nullable(),
  /** Share of all optimizer steps over which the learning rate rises from 0. */
  warmupRatio: z.number().min(0).max(1),
  schedule: LearningRateSchedule,
  /** Every dropout probability of the model; null: each as the model's own configuration has it. */
  dropout: z.number().min(0).max(0.9).nullable(),
  /** Texts are cut to this many tokens, special tokens included. */
  maxLength: z.number().int().min(4).max(8192),
  truncationSide: z.enum(['left', 'right']).default('right'),
  /** What heads read; null for Universal Sentence Encoder Lite, which has its own. */
  pooling: Pooling.nullable().default(null),
  /** Train a low-rank adapter, and heads, instead of the model's own weights; `freeze` is then `none`. */
  adapter: LoraConfig.nullable().default(null),
  seed: z.number().int().min(0).max(0xffffffff),
  freeze: Freeze,
  earlyStopping: EarlyStopping.nullable(),
  /** Optimizer steps between checkpoints; one is also written at the end of each epoch. */
  checkpointEverySteps: z.number().int().min(1),
});
export type Hyperparameters = z.infer<typeof Hyperparameters>;

const common = {
  baseModelDigest: Sha256,
  /** Digest of the dataset version's Parquet file. */
  datasetDigest: Sha256,
  textColumn: z.string().min(1),
  /** Second text of each example, for tasks on pairs; rows without one are left out. */
  pairColumn: z.string().min(1).nullable().default(null),
  trainSplit: z.string().min(1),
  validationSplit: z.string().min(1),
  hyperparameters: Hyperparameters,
};

export const SupervisedSpec = z.object({
  method: z.literal('supervised'),
  ...common,
  labelColumn: z.string().min(1),
  /** In the order of the logits. */
  labels: z.array(z.string()).min(2),
  classWeights: ClassWeights,
});
export type SupervisedSpec = z.infer<typeof SupervisedSpec>;

export const TaskSpec = z.object({
  /** Part of metric keys: `validation/<name>/f1`. */
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/),
  labelColumn: z.string().min(1),
  labels: z.array(z.string()).min(2),
  /** Loss weight under `fixed`; ignored under `uncertainty`. */
  weight: z.number().positive(),
  classWeights: ClassWeights,
});
export type TaskSpec = z.infer<typeof TaskSpec>;

export const MultiTaskSpec = z.object({
  method: z.literal('multiTask'),
  ...common,
  tasks: z.array(TaskSpec).min(2).max(16),
  /** `uncertainty` learns the weights: Kendall, Gal & Cipolla 2018. */
  lossWeighting: z.enum(['fixed', 'uncertainty']),
});
export type MultiTaskSpec = z.infer<typeof MultiTaskSpec>;

/** All that determines a run's result, on one engine version, thread count and processor instruction set. */
export const RunSpec = z.discriminatedUnion('method', [SupervisedSpec, MultiTaskSpec]);
export type RunSpec = z.infer<typeof RunSpec>;
