import { z } from 'zod';

export const ClassScores = z.object({
  label: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  /** Examples whose true label this is. */
  support: z.number().int().min(0),
});
export type ClassScores = z.infer<typeof ClassScores>;

export const AveragedScores = z.object({ precision: z.number(), recall: z.number(), f1: z.number() });
export type AveragedScores = z.infer<typeof AveragedScores>;

/** Scores of one classification task. A precision with nothing predicted, or recall with nothing true, counts as 0. */
export const ClassificationScores = z.object({
  task: z.string(),
  exampleCount: z.number().int().min(0),
  accuracy: z.number(),
  /** Mean cross-entropy, nats. */
  loss: z.number(),
  macro: AveragedScores,
  micro: AveragedScores,
  /** Averaged by support. */
  weighted: AveragedScores,
  perClass: z.array(ClassScores),
  /** Row: true label, column: predicted label, in the order of perClass. */
  confusionMatrix: z.array(z.array(z.number().int().min(0))),
});
export type ClassificationScores = z.infer<typeof ClassificationScores>;
