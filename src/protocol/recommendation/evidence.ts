import { z } from 'zod';

/**
 * What a probe is scored by: better when greater. `ACCURACY`: share of the examples, or of words with tags, that are
 * right. `LABEL_RANKING`: label ranking average precision. `R2`: share of the variance of the numbers that is
 * explained. `MEAN_OF_TASKS`: of several heads, the mean of their scores.
 */
export const ProbeMeasure = z.enum(['ACCURACY', 'LABEL_RANKING', 'R2', 'MEAN_OF_TASKS']);
export type ProbeMeasure = z.infer<typeof ProbeMeasure>;

const share = z.number().min(0).max(1);
const count = z.number().int().min(0);

/** How the model's tokenizer reads the texts of a sample. Lengths are of examples, special tokens included. */
export const ReadingEvidence = z.object({
  texts: count,
  tokensPerWord: z.number().min(0),
  /** Of the pieces of words. */
  unknownShare: share,
  medianTokens: z.number().min(0),
  percentile95Tokens: z.number().min(0),
  maxLength: count,
  truncatedShare: share,
});
export type ReadingEvidence = z.infer<typeof ReadingEvidence>;

/** What the frozen model is worth for the task, on examples that each probe did not see. */
export const ProbeEvidence = z.object({
  measure: ProbeMeasure,
  score: z.number(),
  standardError: z.number().min(0),
  /** The same measure without a model: of the most frequent class, the mean. Null: there is none. */
  baseline: z.number().nullable(),
  examples: count,
  /** Logarithm of the maximum evidence of the targets, for each example (You et al. 2021, arXiv:2102.11005). */
  logMe: z.number().nullable(),
  /** How long encoding and probe took. */
  seconds: z.number().min(0),
});
export type ProbeEvidence = z.infer<typeof ProbeEvidence>;

export const ModelEvidence = z.object({ reading: ReadingEvidence, probe: ProbeEvidence });
export type ModelEvidence = z.infer<typeof ModelEvidence>;
