import { z } from 'zod';

/** Which texts are equal. */
const TextEquality = z.enum([
  /** To the last character. */
  'exact',
  /**
   * When folded: compatible characters (NFKC), capital and small letters, invisible characters, white space and
   * punctuation make no difference. Texts of punctuation alone keep it.
   */
  'normalized',
]);
export type TextEquality = z.infer<typeof TextEquality>;

/**
 * Near copies: folded texts that share most of their shingles, the runs of so many words or characters. The Jaccard
 * similarity of the two sets is at least the threshold. Pairs are found by MinHash with LSH, which misses some that are
 * hardly over the threshold.
 */
export const NearMatch = z.object({
  /** Lower ones make pairs of texts candidates that have little in common, whose number grows with its square. */
  threshold: z.number().min(0.3).max(1),
  shingleUnit: z.enum(['words', 'characters']),
  shingleSize: z.number().int().min(1).max(64),
  /** Hash functions of a signature. More of them miss fewer pairs, and take more time. */
  permutations: z.number().int().min(16).max(512),
  seed: z.number().int().min(0).max(0xffff_ffff),
  /** Whether the similarity of each pair is computed. Without, pairs that are equal in one band count as similar. */
  verify: z.boolean(),
});
export type NearMatch = z.infer<typeof NearMatch>;

export const usualNearMatch: NearMatch = {
  threshold: 0.7,
  shingleUnit: 'words',
  shingleSize: 3,
  permutations: 128,
  seed: 0,
  verify: true,
};

const ComparedVersion = z.object({
  /** Global id of the version. */
  datasetVersionId: z.string(),
  /** The columns that are compared with those of the step, in their order. Null: they have the same names. */
  columns: z.array(z.string()).min(1).nullable().default(null),
  /** The splits whose rows are compared. Null: all rows. */
  splits: z.array(z.string()).min(1).nullable().default(null),
});
export type ComparedVersion = z.infer<typeof ComparedVersion>;

/**
 * Rows that are copies of others go. Rows without any value in the columns are no copies, and where texts are folded
 * neither are those whose texts are empty.
 */
export const DropDuplicates = z
  .object({
    kind: z.literal('dropDuplicates'),
    /** The columns that are compared; of several, all together. */
    columns: z.array(z.string()).min(1),
    match: z.enum([...TextEquality.options, 'near']),
    /** Null: `usualNearMatch`. Of no other match. */
    near: NearMatch.nullable().default(null),
    /**
     * - `rows`: of rows that are copies of one another, one stays.
     * - `splits`: of rows in several splits that are copies of one another, those of one split stay, all of them: of
     *   the first split of `splitOrder` that has any. `['test', 'train']` takes from the training what is tested.
     *   Splits that are not named come after them, by their names, and rows without a split last.
     * - `versions`: rows go that are copies of a row in other dataset versions: of evaluation sets, for instance.
     */
    scope: z.enum(['rows', 'splits', 'versions']),
    /** Of scope `rows`: which one stays, the first or last in order, or that with the most characters. */
    keep: z.enum(['first', 'last', 'longest']),
    /** In scope `rows` the row that stays is of the first of these splits that has any, before `keep` decides. */
    splitOrder: z.array(z.string()),
    versions: z.array(ComparedVersion).max(16),
  })
  .superRefine(({ match, near, scope, splitOrder, versions }, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (near !== null && match !== 'near') refuse('near', 'Only a match that is near has options of near copies.');
    if (scope === 'splits' && splitOrder.length === 0) refuse('splitOrder', 'Name the split whose rows stay.');
    if (scope === 'versions' && versions.length === 0) refuse('versions', 'Name the versions to compare with.');
    if (scope !== 'versions' && versions.length > 0) refuse('versions', 'Only the scope of versions takes them.');
  });
export type DropDuplicates = z.infer<typeof DropDuplicates>;

/** What happens to equal texts with different labels. Rows without a label have no part in it. */
export const ResolveLabelConflicts = z
  .object({
    kind: z.literal('resolveLabelConflicts'),
    /** The columns whose texts are compared; of several, all together. */
    columns: z.array(z.string()).min(1),
    match: TextEquality,
    /** The column with the label, or with the list of labels, whose order makes no difference. */
    label: z.string(),
    /**
     * - `drop`: all of them go.
     * - `majority`: all get the label that most of them have; see `ties`.
     * - `mark`: all stay. A new column of texts has their labels with their numbers, for people to look at.
     */
    action: z.enum(['drop', 'majority', 'mark']),
    /** Where several labels are as frequent: all go, or all get the label that comes first. */
    ties: z.enum(['drop', 'first']),
    /** Name of the new column, of the action `mark` alone. */
    markColumn: z.string().min(1).nullable().default(null),
  })
  .superRefine(({ action, markColumn }, context) => {
    if ((action === 'mark') === (markColumn !== null)) return;
    const message = action === 'mark' ? 'Name the new column.' : 'Only the action of marking makes a column.';
    context.addIssue({ code: 'custom', path: ['markColumn'], message });
  });
export type ResolveLabelConflicts = z.infer<typeof ResolveLabelConflicts>;
