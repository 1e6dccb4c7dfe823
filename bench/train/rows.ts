import type { SupervisedSpec } from '../../src/protocol/methods/index.js';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import { supervisedSpec } from '../../tests/support/specs.js';
import type { Scale } from './scale.js';

/** What heads of encoders can read. */
export type BenchPooling = Exclude<Pooling, 'lastToken'>;

/** One comparison. Both sides start from the same weights, head included, and train with the same hyperparameters. */
export interface Row {
  readonly name: string;
  readonly title: string;
  /**
   * - steps: turns of a few steps on fixed batches of words
   * - epochs: a whole training on BANKING77, in turns of a part of an epoch
   * - trainings: of Attune a whole training a turn; of the Trainer a part of an epoch, whose epochs all cost the same
   * - passes: one pass over BANKING77's test split a turn
   */
  readonly kind: 'steps' | 'epochs' | 'trainings' | 'passes';
  /** The least ratio of speeds, Attune ÷ PyTorch, that the project asks of itself. */
  readonly goal: number;
  readonly data: 'words' | 'agreement' | 'banking77';
  readonly pooling: BenchPooling;
  /** Every dropout probability; null: as the model's configuration has them. */
  readonly dropout: number | null;
  readonly adapter: LoraConfig | null;
  readonly freeze: 'none' | 'encoder';
  readonly maxLength: number;
  readonly training: {
    readonly batchSize: number;
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly epochs: number;
    readonly warmupRatio: number;
  };
}

const lora: LoraConfig = { rank: 8, alpha: 16, dropout: 0, rankStabilized: false, targetModules: ['query', 'value'] };

export function rowsOf({ batchSize, tokens, bankingBatchSize }: Scale): readonly Row[] {
  const common = {
    data: 'words',
    pooling: 'firstToken',
    dropout: null,
    adapter: null,
    freeze: 'none',
    maxLength: tokens,
    // The Trainer's defaults, but for the batch size.
    training: { batchSize, learningRate: 5e-5, weightDecay: 0, epochs: 1, warmupRatio: 0 },
  } as const;
  const banking = {
    ...common,
    data: 'banking77',
    training: { batchSize: bankingBatchSize, learningRate: 3e-4, weightDecay: 0.01, epochs: 2, warmupRatio: 0.1 },
  } as const;
  const size = `${batchSize} × ${tokens} tokens`;
  return [
    {
      ...common,
      name: 'first-token',
      title: `Full fine-tuning, ${size}, head on [CLS], dropout 0.1`,
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
      title: `LoRA r 8 on query and value, ${size}, head on [CLS], dropout 0.1`,
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
}

export const seed = 1;

/** The spec that Attune's recipe is given for a row. */
export function specOf(
  row: Row,
  of: { readonly modelDigest: string; readonly datasetDigest: string; readonly labels: readonly string[] },
): SupervisedSpec {
  const { training, dropout, maxLength, pooling, adapter, freeze } = row;
  return supervisedSpec({
    baseModelDigest: of.modelDigest,
    datasetDigest: of.datasetDigest,
    labels: of.labels,
    validationSplit: 'test',
    hyperparameters: {
      ...training,
      dropout,
      maxLength,
      pooling,
      adapter,
      seed,
      freeze: { kind: freeze },
      checkpointEverySteps: 500,
    },
  });
}
