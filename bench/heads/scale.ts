import type { SplitCounts } from './data.js';

/** How both sides train: what transformers calls TrainingArguments. */
export interface Budget {
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly warmupRatio: number;
  /** Texts, or pairs of them, are cut to this many tokens. */
  readonly maxLength: number;
}

/** How much is trained of a work. */
export interface WorkScale {
  readonly rows: SplitCounts;
  readonly budget: Budget;
  /** Of new heads, the order of the batches and dropout: a training on either side for each. */
  readonly seeds: readonly number[];
}

export interface Scale {
  readonly works: { readonly [Name in WorkName]: WorkScale };
}

export type WorkName = 'sick' | 'snips' | 'goemotions';

const budget: Budget = {
  batchSize: 16,
  epochs: 2,
  learningRate: 2e-4,
  weightDecay: 0.01,
  warmupRatio: 0.1,
  maxLength: 64,
};

export const full: Scale = {
  works: {
    sick: { rows: { train: 2000, validation: 200, test: 1000 }, budget, seeds: [0, 1, 2] },
    // Entities of one training vary more than the sides differ.
    snips: { rows: { train: 2000, validation: 200, test: 700 }, budget, seeds: [0, 1, 2, 3, 4, 5, 6, 7] },
    // Most of 28 labels are rare: they are learnt later.
    goemotions: {
      rows: { train: 6000, validation: 1000, test: 2000 },
      budget: { ...budget, epochs: 3 },
      seeds: [0, 1, 2],
    },
  },
};

const few: WorkScale = {
  rows: { train: 16, validation: 8, test: 8 },
  budget: { ...budget, batchSize: 8, epochs: 1, maxLength: 32 },
  seeds: [0],
};

/** One training of each work, in seconds. */
export const toy: Scale = { works: { sick: few, snips: few, goemotions: few } };
