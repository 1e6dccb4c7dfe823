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

/** How much is trained. */
export interface Scale {
  readonly rows: { readonly [Name in WorkName]: SplitCounts };
  readonly budget: Budget;
  readonly seeds: readonly number[];
}

export type WorkName = 'sick' | 'snips' | 'goemotions';

export const full: Scale = {
  rows: {
    sick: { train: 2000, validation: 200, test: 1000 },
    snips: { train: 2000, validation: 200, test: 700 },
    goemotions: { train: 3000, validation: 1000, test: 2000 },
  },
  budget: { batchSize: 16, epochs: 2, learningRate: 2e-4, weightDecay: 0.01, warmupRatio: 0.1, maxLength: 64 },
  seeds: [0, 1, 2],
};

/** One training of each kind, in seconds. */
export const toy: Scale = {
  rows: {
    sick: { train: 16, validation: 8, test: 8 },
    snips: { train: 16, validation: 8, test: 8 },
    goemotions: { train: 16, validation: 8, test: 8 },
  },
  budget: { ...full.budget, batchSize: 8, epochs: 1, maxLength: 32 },
  seeds: [0],
};
