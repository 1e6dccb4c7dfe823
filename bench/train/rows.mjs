/**
 * The comparisons. Both sides start from the same weights, head included, and train with the same hyperparameters.
 *
 *   kind steps      turns of a few steps on fixed batches of 16 texts of 128 tokens
 *   kind epochs     a whole training on BANKING77, in turns of a part of an epoch
 *   kind trainings  Attune: a whole training a turn; the Trainer: a part of an epoch, whose epochs all cost the same
 *   kind passes     one pass over BANKING77's test split a turn
 *
 * `goal` is the least ratio of speeds, Attune ÷ PyTorch, that the project asks of itself.
 */
const common = {
  data: 'words',
  pooling: 'firstToken',
  dropout: null,
  adapter: null,
  freeze: 'none',
  maxLength: 128,
  // The Trainer's defaults, but for the batch size.
  training: { batchSize: 16, learningRate: 5e-5, weightDecay: 0, epochs: 1, warmupRatio: 0 },
};
const lora = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false, targetModules: ['query', 'value'] };
const banking = {
  ...common,
  data: 'banking77',
  training: { batchSize: 32, learningRate: 3e-4, weightDecay: 0.01, epochs: 2, warmupRatio: 0.1 },
};

export const rows = [
  {
    ...common,
    name: 'first-token',
    title: 'Full fine-tuning, 16 × 128 tokens, head on [CLS], dropout 0.1',
    kind: 'steps',
    goal: 1.2,
  },
  {
    ...common,
    name: 'mean-pooled',
    title: 'The same with a mean-pooled head',
    kind: 'steps',
    goal: 1,
    pooling: 'mean',
  },
  { ...common, name: 'no-dropout', title: 'The same as the first, dropout 0', kind: 'steps', goal: 0.95, dropout: 0 },
  {
    ...common,
    name: 'lora',
    title: 'LoRA r 8 on query and value, 16 × 128 tokens, head on [CLS], dropout 0.1',
    kind: 'steps',
    goal: 1.2,
    adapter: lora,
  },
  {
    ...banking,
    name: 'banking77',
    title: 'BANKING77, full fine-tuning as each one’s trainer batches by default',
    kind: 'epochs',
    goal: 1.8,
  },
  {
    ...banking,
    name: 'frozen-encoder',
    title: 'BANKING77, frozen encoder, head only, 5 epochs',
    kind: 'trainings',
    goal: 4,
    freeze: 'encoder',
    training: { ...banking.training, learningRate: 1e-2, epochs: 5 },
  },
  { ...banking, name: 'inference', title: 'BANKING77, evaluation of the test split', kind: 'passes', goal: 1.5 },
];

/** Steps in a turn. */
export const turnSteps = { steps: 2, epochs: 40, trainings: 60 };

/** The spec that Attune's recipe is given for a row. */
export function specOf(row, { modelDigest, datasetDigest, labels }) {
  const { batchSize, learningRate, weightDecay, epochs, warmupRatio } = row.training;
  return {
    method: 'supervised',
    baseModelDigest: modelDigest,
    datasetDigest,
    textColumn: 'text',
    pairColumn: null,
    labelColumn: 'label',
    labels,
    classWeights: { kind: 'none' },
    trainSplit: 'train',
    validationSplit: 'test',
    hyperparameters: {
      learningRate,
      epochs,
      batchSize,
      gradientAccumulationSteps: 1,
      weightDecay,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      maxGradientNorm: 1,
      warmupRatio,
      schedule: 'linear',
      dropout: row.dropout,
      maxLength: row.maxLength,
      truncationSide: 'right',
      pooling: row.pooling,
      adapter: row.adapter,
      seed,
      freeze: { kind: row.freeze },
      earlyStopping: null,
      checkpointEverySteps: 500,
    },
  };
}

export const seed = 1;
