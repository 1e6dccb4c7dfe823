import type { TargetHeadSpec } from '../../src/protocol/heads.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import {
  instructionTuningSpec,
  languageModellingSpec,
  multiTaskSpec,
  supervisedSpec,
  task,
} from '../../tests/support/specs.js';
import type { BaseName } from './bases.js';
import { type Counts, type DuckRows, emails, glosses, pairs, tagged } from './data.js';

interface Digests {
  readonly baseModelDigest: string;
  readonly datasetDigest: string;
}

/** One training whose time and memory are estimated, and measured. */
export interface Work {
  readonly title: string;
  readonly base: BaseName;
  readonly counts: Counts;
  readonly rows: (counts: Counts) => Promise<DuckRows>;
  /** @param labels different values of a column of the training split */
  readonly spec: (digests: Digests, labels: (column: string) => string[]) => RunSpec;
}

const common: Partial<Hyperparameters> = {
  learningRate: 1e-4,
  batchSize: 16,
  maxLength: 64,
  checkpointEverySteps: 200,
};
const lora = { rank: 8, alpha: 16, rankStabilized: false, dropout: 0 };

const senses =
  (chosen: Partial<Hyperparameters>): Work['spec'] =>
  (digests, labels) =>
    supervisedSpec({
      ...digests,
      labelColumn: 'sense',
      labels: labels('sense'),
      hyperparameters: { ...common, ...chosen },
    });

const spam =
  (chosen: Partial<Hyperparameters>): Work['spec'] =>
  (digests) =>
    supervisedSpec({ ...digests, labels: ['ham', 'spam'], hyperparameters: { ...common, ...chosen } });

const ofHead =
  (head: TargetHeadSpec, columns: { textColumn: string; pairColumn?: string }, chosen: Partial<Hyperparameters>) =>
  (digests: Digests) =>
    supervisedSpec({ ...digests, ...columns, head, hyperparameters: { ...common, ...chosen } });

/** @param scale divides the numbers of examples */
export function works(hasModel: boolean, scale = 1): Readonly<Record<string, Work>> {
  const of = (train: number, validation: number): Counts => ({
    train: Math.max(8, Math.round(train / scale)),
    validation: Math.max(4, Math.round(validation / scale)),
  });
  const all: Record<string, Work> = {
    'use-lite-frozen': {
      title: 'Universal Sentence Encoder Lite, frozen, 4,000 definitions, 45 classes, 10 epochs',
      base: 'use-lite',
      counts: of(4000, 500),
      rows: glosses,
      spec: senses({ epochs: 10, batchSize: 32, freeze: { kind: 'encoder' } }),
    },
    'use-lite-full': {
      title: 'Universal Sentence Encoder Lite in full, 2,000 definitions, 3 epochs',
      base: 'use-lite',
      counts: of(2000, 300),
      rows: glosses,
      spec: senses({ epochs: 3 }),
    },
    'use-lite-lora': {
      title: 'Universal Sentence Encoder Lite, LoRA, 2,000 definitions, 3 epochs',
      base: 'use-lite',
      counts: of(2000, 300),
      rows: glosses,
      spec: senses({ epochs: 3, adapter: { ...lora, targetModules: ['all-linear'] } }),
    },
    'bert-full': {
      title: 'BERT of 6 × 384 in full, 500 definitions, 2 epochs',
      base: 'bert',
      counts: of(500, 150),
      rows: glosses,
      spec: senses({ epochs: 2, pooling: 'mean' }),
    },
    'bert-upper': {
      title: 'BERT of 6 × 384, the upper 2 layers, 500 definitions, 4 epochs',
      base: 'bert',
      counts: of(500, 150),
      rows: glosses,
      spec: senses({ epochs: 4, pooling: 'mean', freeze: { kind: 'prefix', layers: 4 } }),
    },
    'small-bert-long': {
      title: 'BERT of 3 × 192 in full, 100 e-mails of up to 512 tokens, 2 epochs',
      base: 'small-bert',
      counts: of(100, 40),
      rows: emails,
      spec: spam({ epochs: 2, batchSize: 8, maxLength: 512, pooling: 'firstToken' }),
    },
    'small-bert-pairs': {
      title: 'BERT of 3 × 192 in full, 1,500 pairs with a number, 3 epochs',
      base: 'small-bert',
      counts: of(1500, 300),
      rows: pairs,
      spec: ofHead(
        { kind: 'regression', targetColumns: ['words'] },
        { textColumn: 'first', pairColumn: 'second' },
        { epochs: 3, pooling: 'firstToken' },
      ),
    },
    'small-bert-tags': {
      title: 'BERT of 3 × 192 in full, 1,500 texts with a tag a word, 3 epochs',
      base: 'small-bert',
      counts: of(1500, 300),
      rows: tagged,
      spec: ofHead(
        {
          kind: 'tokenClassification',
          tagColumn: 'tags',
          labels: ['long', 'short'],
          scheme: 'plain',
          classWeights: { kind: 'none' },
        },
        { textColumn: 'words' },
        { epochs: 3 },
      ),
    },
    'small-bert-tasks': {
      title: 'BERT of 3 × 192 in full, two tasks, 1,500 definitions, 3 epochs',
      base: 'small-bert',
      counts: of(1500, 300),
      rows: glosses,
      spec: (digests, labels) =>
        multiTaskSpec({
          ...digests,
          tasks: [task('sense', labels('sense')), task('part', labels('part'))],
          hyperparameters: { ...common, epochs: 3, pooling: 'firstToken' },
        }),
    },
    'small-bert-masked': {
      title: 'BERT of 3 × 192, masked tokens, 1,500 definitions, 2 epochs',
      base: 'small-bert',
      counts: of(1500, 200),
      rows: glosses,
      spec: (digests) =>
        languageModellingSpec({
          ...digests,
          masking: { share: 0.15, wholeWords: false },
          hyperparameters: { ...common, epochs: 2 },
        }),
    },
    'llama-texts': {
      title: 'Llama of 6 × 320, the next token, 60 e-mails in rows of 256, 1 epoch',
      base: 'llama',
      counts: of(60, 20),
      rows: emails,
      spec: (digests) =>
        languageModellingSpec({ ...digests, hyperparameters: { ...common, epochs: 1, batchSize: 4, maxLength: 256 } }),
    },
    'llama-int4': {
      title: 'The same, LoRA over weights of 4 bits, 40 e-mails',
      base: 'llama',
      counts: of(40, 20),
      rows: emails,
      spec: (digests) =>
        languageModellingSpec({
          ...digests,
          hyperparameters: {
            ...common,
            epochs: 1,
            batchSize: 4,
            maxLength: 256,
            adapter: { ...lora, targetModules: ['all-linear'], frozenWeights: 'int4' },
          },
        }),
    },
    'gpt2-texts': {
      title: 'GPT-2 of 4 × 256, the next token, 800 definitions, a row each, 2 epochs',
      base: 'gpt2',
      counts: of(800, 200),
      rows: glosses,
      spec: (digests) =>
        languageModellingSpec({ ...digests, packing: 'separate', hyperparameters: { ...common, epochs: 2 } }),
    },
    'gloss-lm-answers': {
      title: 'gloss-lm, LoRA, 1,000 words with their definitions as answers, 2 epochs',
      base: 'gloss-lm',
      counts: of(1000, 200),
      rows: glosses,
      spec: (digests) =>
        instructionTuningSpec({
          ...digests,
          conversation: {
            kind: 'promptCompletion',
            promptColumn: 'word',
            completionColumn: 'text',
            systemColumn: null,
          },
          unlearnable: 'leaveOut',
          hyperparameters: {
            ...common,
            epochs: 2,
            batchSize: 8,
            maxLength: 128,
            adapter: { ...lora, targetModules: ['all-linear'] },
          },
        }),
    },
  };
  if (!hasModel) return all;
  return {
    ...all,
    'given-full': {
      title: 'The given model in full, 400 definitions, 2 epochs',
      base: 'given',
      counts: of(400, 100),
      rows: glosses,
      spec: senses({ epochs: 2, pooling: 'mean' }),
    },
    'given-lora': {
      title: 'The given model, LoRA, 400 definitions, 2 epochs',
      base: 'given',
      counts: of(400, 100),
      rows: glosses,
      spec: senses({ epochs: 2, pooling: 'mean', adapter: { ...lora, targetModules: ['query', 'value'] } }),
    },
    'given-frozen': {
      title: 'The given model, frozen, 300 e-mails of up to 128 tokens, 20 epochs',
      base: 'given',
      counts: of(300, 100),
      rows: emails,
      spec: spam({ epochs: 20, batchSize: 32, maxLength: 128, pooling: 'mean', freeze: { kind: 'encoder' } }),
    },
  };
}
