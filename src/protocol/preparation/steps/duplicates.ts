import { z } from 'zod';
import { Sha256 } from '../../sha256.js';

/** The shingles of a text: each run of so many words, or of so many characters. */
const ShingleForm = z.object({ unit: z.enum(['words', 'characters']), size: z.number().int().min(1).max(64) });

/** The values of the named columns are equal, to the last character. */
const ExactMatch = z.object({ kind: z.literal('exact') });

/**
 * The texts are equal when folded: compatible characters (NFKC), capital and small letters, invisible characters, white
 * space and punctuation make no difference. Texts of punctuation alone keep it.
 */
const NormalizedMatch = z.object({ kind: z.literal('normalized') });

/**
 * The folded texts share most of their shingles: the Jaccard similarity of their sets is at least the threshold. Pairs
 * are found by MinHash with LSH, which misses some that are hardly over the threshold.
 */
const NearMatch = z.object({
  kind: z.literal('near'),
  /** Lower ones make pairs of texts candidates that have little in common, whose number grows with its square. */
  threshold: z.number().min(0.3).max(1),
  shingles: ShingleForm,
  /** Hash functions of a signature. More of them miss fewer pairs, and take more time. */
  permutations: z.number().int().min(16).max(512),
  seed: z.number().int().min(0).max(0xffff_ffff),
  /** Whether the similarity of each pair is computed. Without, pairs that are equal in one band count as similar. */
  verify: z.boolean(),
});

/** When two rows are copies of one another. */
export const CopyMatch = z.discriminatedUnion('kind', [ExactMatch, NormalizedMatch, NearMatch]);
export type CopyMatch = z.infer<typeof CopyMatch>;
export type NearMatch = z.infer<typeof NearMatch>;

/** Of the rows that are copies of one another, one stays. */
const AmongRows = z.object({
  kind: z.literal('rows'),
  /** Which one: the first or last in the order of the rows, or that with the most characters. */
  keep: z.enum(['first', 'last', 'longest']),
  /** The one that stays is of the first of these splits that has any; `keep` decides among those of one split. */
  splitOrder: z.array(z.string()).readonly(),
});

/**
 * Of rows in several splits that are copies of one another, those of one split stay, all of them: of the first of these
 * splits that has any. `['test', 'train']` takes from the training what is tested, `['train', 'test']` the reverse.
 * Splits that are not named come after them, by their names, and rows without a split last.
 */
const AcrossSplits = z.object({ kind: z.literal('splits'), splitOrder: z.array(z.string()).min(1).readonly() });

/** Rows go that are copies of a row in other dataset versions: of their evaluation sets, for instance. */
const InVersions = z.object({
  kind: z.literal('versions'),
  versions: z
    .array(
      z.object({
        versionId: z.uuid(),
        digest: Sha256,
        /** The columns that are compared with those of the step, in their order. Null: they have the same names. */
        columns: z.array(z.string()).min(1).readonly().nullable(),
        /** The splits whose rows are compared. Null: all rows. */
        splits: z.array(z.string()).min(1).readonly().nullable(),
      }),
    )
    .min(1)
    .max(16)
    .readonly(),
});

/**
 * Rows that are copies of others go. Rows without any value in the columns are no copies, and for `normalized` and
 * `near` neither are those whose texts are empty.
 */
export const DropDuplicates = z.object({
  kind: z.literal('dropDuplicates'),
  /** The columns that are compared; of several, all together. */
  columns: z.array(z.string()).min(1).readonly(),
  match: CopyMatch,
  scope: z.discriminatedUnion('kind', [AmongRows, AcrossSplits, InVersions]),
});
export type DropDuplicates = z.infer<typeof DropDuplicates>;

/** What happens to equal texts with different labels. Rows without a label have no part in it. */
const ConflictAction = z.discriminatedUnion('kind', [
  /** All of them go. */
  z.object({ kind: z.literal('drop') }),
  /** All get the label that most of them have; where several labels are as frequent, they go or get the first row's. */
  z.object({ kind: z.literal('majority'), ties: z.enum(['drop', 'first']) }),
  /** All stay. A new column of texts has their labels with their numbers, for people to look at, and none elsewhere. */
  z.object({ kind: z.literal('mark'), column: z.string().min(1) }),
]);

export const ResolveLabelConflicts = z.object({
  kind: z.literal('resolveLabelConflicts'),
  /** The columns whose texts are compared; of several, all together. */
  columns: z.array(z.string()).min(1).readonly(),
  match: z.discriminatedUnion('kind', [ExactMatch, NormalizedMatch]),
  /** The column with the label, or with the list of labels, whose order makes no difference. */
  label: z.string(),
  action: ConflictAction,
});
export type ResolveLabelConflicts = z.infer<typeof ResolveLabelConflicts>;
