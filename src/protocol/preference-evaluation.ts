import { z } from 'zod';
import { Sha256 } from './sha256.js';

/** The task that scores of a language model on pairs of answers are of. */
export const preferencesTask = 'preferences';

/** How a language model reads judged answers, and the model that its probabilities are compared with. */
export const PreferenceEvaluation = z.object({
  /** Null: they are compared with none. */
  referenceDigest: Sha256.nullable(),
  /** What log-ratios are multiplied by. */
  beta: z.number().positive(),
  maxLength: z.number().int().positive(),
  truncationSide: z.enum(['left', 'right']),
  /** A chat template in place of the model's own; null: the model's own, where it has one. */
  chatTemplate: z.string().min(1).nullable(),
  /** What the template's `strftime_now` says. */
  templateTime: z.iso.datetime(),
});
export type PreferenceEvaluation = z.infer<typeof PreferenceEvaluation>;
