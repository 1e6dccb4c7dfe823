import { z } from 'zod';

/** What speaks for a model or against it. Each code's meaning is its description in the graph. */
export const RecommendationReasonCode = z.enum([
  'BEST_PROBE',
  'PROBE',
  'NO_BETTER_THAN_GUESSING',
  'BEST_TRANSFERABILITY',
  'MOST_COMPACT_TOKENS',
  'UNKNOWN_TOKENS',
  'TEXTS_TRUNCATED',
  'FITS_BUDGET',
  'OVER_MEMORY',
  'OVER_TIME',
  'LEARNT_FROM_DATASET',
  'SUGGESTED_TRAINING',
  'TASK_NOT_SUPPORTED',
  'LICENCE_DENIED',
  'LICENCE_WARNED',
  'TOO_LARGE_TO_PROBE',
  'UNREADABLE_MODEL',
]);
export type RecommendationReasonCode = z.infer<typeof RecommendationReasonCode>;

export const ReasonWeight = z.enum(['FOR', 'AGAINST', 'EXCLUDES']);
export type ReasonWeight = z.infer<typeof ReasonWeight>;

export const RecommendationReason = z.object({
  code: RecommendationReasonCode,
  weight: ReasonWeight,
  /** One English sentence with its figures. */
  message: z.string(),
});
export type RecommendationReason = z.infer<typeof RecommendationReason>;
