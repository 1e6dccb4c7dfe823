/** How many points are written and read, and how often. */
export interface Scale {
  /** Of the long series. Of these a second attempt recorded the later half, the last tenth of the first one's again. */
  readonly longSeriesSteps: number;
  /** Experiments of three series each, a page of them, and steps of each series. */
  readonly experiments: number;
  readonly seriesSteps: number;
  readonly rounds: number;
  /** Rounds of reading before those that count. */
  readonly warmUpRounds: number;
  /** Workers that write at the same time, and steps that each of them writes. */
  readonly ingestings: readonly { readonly writers: number; readonly steps: number }[];
  /** Batches of each kind of writing. */
  readonly writings: readonly { readonly name: string; readonly steps: number; readonly batches: number }[];
}

export const full: Scale = {
  ingestings: [
    { writers: 1, steps: 100_000 },
    { writers: 10, steps: 10_000 },
  ],
  longSeriesSteps: 1_000_000,
  experiments: 20,
  seriesSteps: 10_000,
  rounds: 20,
  warmUpRounds: 5,
  writings: [
    { name: '10 steps a second: 1 step a batch', steps: 1, batches: 400 },
    { name: '250 steps a second: 25 steps a batch', steps: 25, batches: 200 },
    { name: '5,000 steps a second: 500 steps a batch', steps: 500, batches: 30 },
  ],
};

/** Everything once, in seconds. */
export const toy: Scale = {
  longSeriesSteps: 20_000,
  experiments: full.experiments,
  seriesSteps: 600,
  rounds: 1,
  warmUpRounds: 1,
  ingestings: full.ingestings.map(({ writers }) => ({ writers, steps: 50 })),
  writings: full.writings.map((writing) => ({ ...writing, batches: 2 })),
};
