import { z } from 'zod';
import { Sha256 } from '../../sha256.js';

/**
 * Share of a text's words that a method changes: max(1, share · words). Null: what EDA takes for so many rows, see
 * `edaDefaults`.
 */
const Share = z.number().positive().max(1).nullable().default(null);

/** Which synonyms words have. */
const SynonymChoice = {
  /**
   * What share of a word's occurrences a meaning has to have, for the word and for its synonym; 0: any meaning will do.
   */
  leastShareOfMeaning: z.number().min(0).max(1),
};

/** One way to make a text that means the same. */
export const AugmentationMethod = z.discriminatedUnion('kind', [
  /** Words become synonyms of WordNet. `phrases`: also phrases. English. */
  z.object({ kind: z.literal('synonyms'), share: Share, ...SynonymChoice, phrases: z.boolean() }),
  /** Two words change places, several times. */
  z.object({ kind: z.literal('randomSwap'), share: Share }),
  /** Each word is left out with the probability `share`, but at least one is, and one stays. */
  z.object({ kind: z.literal('randomDeletion'), share: Share }),
  /** Synonyms of words are put in anywhere. English. */
  z.object({ kind: z.literal('randomInsertion'), share: Share, ...SynonymChoice }),
  /** Words get typing errors. */
  z.object({
    kind: z.literal('characterNoise'),
    share: Share,
    typos: z.array(z.enum(['neighbour', 'insert', 'delete', 'transpose'])).min(1),
    keyboard: z.enum(['qwerty', 'qwertz', 'azerty']),
    keepsEnds: z.boolean(),
  }),
  /** Words are written in small letters or capitals. */
  z.object({
    kind: z.literal('casing'),
    share: Share,
    casings: z.array(z.enum(['lower', 'upper', 'title', 'shout'])).min(1),
  }),
  /** Marks of punctuation are left out, repeated, exchanged or put in. */
  z.object({
    kind: z.literal('punctuation'),
    share: Share,
    faults: z.array(z.enum(['removeAll', 'removeLast', 'repeat', 'exchange', 'insertComma'])).min(1),
  }),
  /** Words become what a masked language model expects in their places: one of its `topK` first guesses. */
  z.object({
    kind: z.literal('maskedModel'),
    share: Share,
    modelDigest: Sha256,
    topK: z.number().int().min(1).max(100),
    temperature: z.number().positive().max(10),
  }),
]);
export type AugmentationMethod = z.infer<typeof AugmentationMethod>;

/** How many copies are made: of every row so many, or of a drawn share of the rows one each. */
export const CopyAmount = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ofEachRow'), copies: z.number().int().min(1).max(64) }),
  z.object({ kind: z.literal('ofShare'), share: z.number().positive().max(1) }),
]);
export type CopyAmount = z.infer<typeof CopyAmount>;

const Seed = z.number().int().min(0).max(0xffffffff);

/** The split that rows are added to. No row of another split is read or made. */
const AugmentedSplit = z.string().min(1);

/** Adds copies of rows with a changed text. The methods take turns; all other columns are copied. */
export const AugmentText = z.object({
  kind: z.literal('augmentText'),
  column: z.string(),
  methods: z.array(AugmentationMethod).min(1).max(20),
  /** Null: as many of each row as EDA makes of so many rows, see `edaDefaults`. */
  amount: CopyAmount.nullable().default(null),
  split: AugmentedSplit,
  seed: Seed,
});
export type AugmentText = z.infer<typeof AugmentText>;

/** Adds copies of rows whose text is a template with the row's values in its slots. */
export const AddFromTemplates = z.object({
  kind: z.literal('addFromTemplates'),
  /** The column that the filled template is put into. */
  column: z.string(),
  /** `Please {text}`. `{column:small}` begins with a small letter; `{{` and `}}` are braces. */
  templates: z.array(z.string().min(1).max(10_000)).min(1).max(1_000),
  /** So many of the templates are drawn for each row; null: all of them. */
  perRow: z.number().int().min(1).max(1_000).nullable().default(null),
  split: AugmentedSplit,
  seed: Seed,
});
export type AddFromTemplates = z.infer<typeof AddFromTemplates>;

/** How many rows each label is to have. */
export const BalanceTarget = z.discriminatedUnion('kind', [
  /** As many as the most frequent label: rows of the others are copied. */
  z.object({ kind: z.literal('largest') }),
  /** As many as the rarest label: rows of the others are dropped. */
  z.object({ kind: z.literal('smallest') }),
  /** The mean of the counts, rounded. */
  z.object({ kind: z.literal('mean'), by: z.enum(['over', 'under', 'both']) }),
  z.object({ kind: z.literal('count'), count: z.number().int().min(1), by: z.enum(['over', 'under', 'both']) }),
  /** The most frequent label has at most `ratio` times as many rows as the rarest. */
  z.object({ kind: z.literal('ratio'), ratio: z.number().min(1), by: z.enum(['over', 'under']) }),
]);
export type BalanceTarget = z.infer<typeof BalanceTarget>;

/** Copies and drops rows of a split, so that its labels are about equally frequent. */
export const BalanceLabels = z.object({
  kind: z.literal('balanceLabels'),
  /** One label a row, or a list of them. */
  column: z.string(),
  target: BalanceTarget,
  /** Copies get a changed text where one can be made, instead of being the same row again; null: they are the same. */
  change: z.object({ column: z.string(), methods: AugmentText.shape.methods }).nullable().default(null),
  split: AugmentedSplit,
  seed: Seed,
});
export type BalanceLabels = z.infer<typeof BalanceLabels>;

/**
 * EDA's α and number of copies by how many rows there are to train on: table 3 of Wei & Zou 2019, "EDA: Easy Data
 * Augmentation Techniques for Boosting Performance on Text Classification Tasks" (EMNLP; arXiv:1901.11196). Between the
 * sizes that it has, the next smaller one counts.
 */
export function edaDefaults(trainingRows: number): { readonly share: number; readonly copies: number } {
  if (trainingRows < 2000) return { share: 0.05, copies: 16 };
  if (trainingRows < 5000) return { share: 0.05, copies: 8 };
  return { share: 0.1, copies: 4 };
}

/**
 * Whether a method leaves as many words as there are, each in its place, so that what is said of each word (a list of
 * tags) goes on to be of it.
 */
export function keepsWords(method: AugmentationMethod): boolean {
  switch (method.kind) {
    case 'synonyms':
      return !method.phrases;
    case 'characterNoise':
    case 'casing':
      return true;
    case 'randomSwap':
    case 'randomDeletion':
    case 'randomInsertion':
    case 'punctuation':
    case 'maskedModel':
      return false;
    default:
      return method satisfies never;
  }
}
