import { z } from 'zod';
import { Sha256 } from '../sha256.js';
import { base, type TaskHead, texts } from './common.js';

/** What is predicted: each token from those before it, or masked tokens from all others. */
export const LanguageObjective = z.enum(['causal', 'masked']);
export type LanguageObjective = z.infer<typeof LanguageObjective>;

/**
 * How documents become rows. `packed`: several in a row, as many as fit, where no token reads another document's.
 * `separate`: one document, or a part of one, in a row. The losses are equal; only the speed differs.
 */
export const Packing = z.enum(['packed', 'separate']);

/** Which tokens are masked (Devlin et al. 2019, §3.1). */
export const Masking = z.object({
  /** Share of the tokens that are predicted. */
  share: z.number().gt(0).lt(1),
  /** Whether words are drawn, and all tokens of a word are predicted; else each token is drawn by itself. */
  wholeWords: z.boolean(),
});
export type Masking = z.infer<typeof Masking>;

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
  /** Null unless the objective is `masked`. */
  masking: Masking.nullable().default(null),
  packing: Packing,
  control: ControlTexts.nullable().default(null),
});
export type LanguageModellingSpec = z.infer<typeof LanguageModellingSpec>;

/** A language model predicts tokens, by no head. */
export function headsOf(): TaskHead[] {
  return [];
}

/** Of masked tokens there are no bits a byte: only some bytes of a text are predicted. */
const measures = {
  causal: ['loss', 'perplexity', 'bitsPerByte', 'tokenAccuracy'],
  masked: ['loss', 'perplexity', 'tokenAccuracy'],
} as const;

/** Keys of the metrics that are measured before the first update and after each epoch. */
export function measuredBy({
  control = null,
  objective = 'causal',
}: {
  readonly control?: object | null;
  readonly objective?: LanguageObjective;
}): string[] {
  const splits = control === null ? ['validation'] : ['validation', 'control'];
  return splits.flatMap((split) => measures[objective].map((measure) => `${split}/${measure}`));
}
