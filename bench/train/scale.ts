/** How much is measured: the sizes of what is trained, and how long. */
export interface Scale {
  /** Of the fixed batches: texts, and tokens of each, `[CLS]` and `[SEP]` included. */
  readonly batchSize: number;
  readonly tokens: number;
  /** Steps that the fixed batches last for. */
  readonly wordSteps: number;
  /** On BANKING77. */
  readonly bankingBatchSize: number;
  /** Steps in a turn, by kind of row. */
  readonly turnSteps: { readonly steps: number; readonly epochs: number; readonly trainings: number };
  /** Rounds of each kind of row, unless a setting says otherwise; of `epochs` as many as a whole training takes. */
  readonly rounds: { readonly steps: number; readonly trainings: number; readonly passes: number };
  /** Products of two [size,size] matrices. */
  readonly peak: { readonly size: number; readonly products: number };
}

export const full: Scale = {
  batchSize: 16,
  tokens: 128,
  wordSteps: 60,
  bankingBatchSize: 32,
  turnSteps: { steps: 2, epochs: 40, trainings: 60 },
  rounds: { steps: 8, trainings: 5, passes: 6 },
  peak: { size: 2048, products: 12 },
};

/** One round of everything, in seconds. */
export const toy: Scale = {
  batchSize: 4,
  tokens: 16,
  wordSteps: 6,
  bankingBatchSize: 8,
  turnSteps: { steps: 2, epochs: 40, trainings: 60 },
  rounds: { steps: 1, trainings: 1, passes: 1 },
  peak: { size: 64, products: 1 },
};
