import { z } from 'zod';

/**
 * What samples become. `winners`: a row for each prompt, with the best of its samples. `pairs`: a row for each prompt,
 * with the best and the worst. `all`: a row for each sample.
 */
export const SampleRows = z.enum(['winners', 'pairs', 'all']);
export type SampleRows = z.infer<typeof SampleRows>;

/** What becomes of samples, and what is left out. */
export const SampleRules = z.object({
  rows: SampleRows,
  /** Of winners: only with at least this reward; of pairs: of the chosen one. Null: any. */
  leastReward: z.number().nullable(),
  /** Of pairs: the chosen one is better by more than this. 0: only ties are left out. */
  leastMargin: z.number().min(0),
  /** Whether samples that were cut at the most tokens take part. */
  withCut: z.boolean(),
});
export type SampleRules = z.infer<typeof SampleRules>;

/** Prompts that became rows, and those that did not, by the first reason there was. */
const SampleFigures = z.object({
  prompts: z.number().int(),
  rows: z.number().int(),
  /** None of its samples is scored, or all of them were cut. */
  unscored: z.number().int(),
  /** The best and the worst are as good, or nearly. */
  tied: z.number().int(),
  /** The best has less than the least reward. */
  belowLeast: z.number().int(),
});
export type SampleFigures = z.infer<typeof SampleFigures>;

/** Of which samples rows were made. */
export const SamplesReading = z.object({ samplesId: z.uuid(), rules: SampleRules, figures: SampleFigures });
export type SamplesReading = z.infer<typeof SamplesReading>;
