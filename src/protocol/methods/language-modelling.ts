import { z } from 'zod';
import { Sha256 } from '../sha256.js';
import { base, type TaskHead, texts } from './common.js';

/** What is predicted: each token from those before it, or masked tokens from all others. */
const LanguageObjective = z.enum(['causal']);

/**
 * How documents become rows. `packed`: several in a row, as many as fit, where no token reads another document's.
 * `separate`: one document, or a part of one, in a row. The losses are equal; only the speed differs.
 */
export const Packing = z.enum(['packed', 'separate']);

/** Texts of another kind than those that are learned: what the model loses on them is what it forgets. */
const ControlTexts = z.object({
  /** Digest of the dataset version's Parquet file. */
  datasetDigest: Sha256,
  split: z.string().min(1),
  textColumn: z.string().min(1),
});

/** Language modelling on raw texts: continued pre-training, and domain adaptation. */
export const LanguageModellingSpec = z.object({
  method: z.literal('languageModelling'),
  ...base,
  ...texts,
  /** Documents are no pairs. */
  pairColumn: z.null().default(null),
  objective: LanguageObjective,
  packing: Packing,
  control: ControlTexts.nullable().default(null),
});
export type LanguageModellingSpec = z.infer<typeof LanguageModellingSpec>;

/** A language model predicts tokens, by no head. */
export function headsOf(): TaskHead[] {
  return [];
}

const measures = ['loss', 'perplexity', 'bitsPerByte', 'tokenAccuracy'];

/** Keys of the metrics that are measured before the first update and after each epoch. */
export function measuredBy({ control = null }: { readonly control?: object | null }): string[] {
  const splits = control === null ? ['validation'] : ['validation', 'control'];
  return splits.flatMap((split) => measures.map((measure) => `${split}/${measure}`));
}
