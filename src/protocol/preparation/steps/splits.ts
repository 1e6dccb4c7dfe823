import { z } from 'zod';

const columnNames = z.array(z.string().min(1));
const splitNames = z.array(z.string().min(1));

/**
 * Rows whose texts in these columns are near duplicates come into one split, and with them all that hang together by
 * such pairs: the folded texts share at least `threshold` of their shingles of three words (Jaccard similarity, found
 * by MinHash with LSH, as `dropDuplicates` finds them).
 */
const NearDuplicates = z
  .object({ columns: columnNames.min(1), threshold: z.number().min(0.3).max(1).default(0.8) })
  .nullable()
  .default(null);

/** Rows get their splits by lot, which depends on the seed, the rows and their order alone. */
export const DrawSplits = z.object({
  kind: z.literal('drawSplits'),
  /** Shares of the rows that are drawn; their sum is 1. */
  fractions: z.array(z.object({ name: z.string(), fraction: z.number() })),
  seed: z.number().int(),
  /** A column whose values, or whose items if it holds lists, have the fractions in each split. Null: none. */
  stratifyBy: z.string().nullable().default(null),
  /** Whether pairs of items of a list come near to the fractions, too. */
  stratifyPairs: z.boolean().default(false),
  /** Whether a label of at least as many rows as there are splits gets into every split, whatever its fraction is. */
  coverLabels: z.boolean().default(true),
  /** Whether labels that occur in none of a split's rows are a problem. */
  refuseMissingLabels: z.boolean().default(false),
  /** Rows that are equal in all of these columns come into one split. Rows without a value in all of them are alone. */
  groupBy: columnNames.default([]),
  /** Rows that are equal in all of these columns come into one split. Null: all columns of texts. */
  keepTogether: columnNames.nullable().default(null),
  nearDuplicates: NearDuplicates,
  /** Whether only rows that have no split yet are drawn. The others keep theirs. */
  onlyUnassigned: z.boolean().default(false),
  /** Whether only rows of these splits are drawn, for example to take validation out of train. Null: of all. */
  fromSplits: splitNames.nullable().default(null),
});
export type DrawSplits = z.infer<typeof DrawSplits>;

/** What becomes of rows that have no value in a column that splits are read from: null, they are a problem. */
const splitOfMissing = z.string().nullable().default(null);

/** Rows get their splits by a column of times or numbers, the lowest first. Equal values come into one split. */
export const SplitByTime = z.object({
  kind: z.literal('splitByTime'),
  column: z.string(),
  /** Names of the splits, from the lowest values to the highest. */
  splits: splitNames,
  /** The share of each split in the rows; their sum is 1. Null: `cuts` are given. */
  fractions: z.array(z.number()).nullable().default(null),
  /**
   * Where each split but the first begins: a number, or a time such as 2024-05-01 or 2024-05-01T12:30:00. Null:
   * `fractions` are given.
   */
  cuts: z.array(z.string()).nullable().default(null),
  splitOfMissing,
});
export type SplitByTime = z.infer<typeof SplitByTime>;

/** The values of a column name the splits. */
export const SplitFromColumn = z.object({
  kind: z.literal('splitFromColumn'),
  column: z.string(),
  splitOfMissing,
});
export type SplitFromColumn = z.infer<typeof SplitFromColumn>;

/** Splits get other names. Several that get the same one become one split. */
export const RenameSplits = z.object({
  kind: z.literal('renameSplits'),
  names: z.array(z.object({ from: z.string(), to: z.string() })),
});
export type RenameSplits = z.infer<typeof RenameSplits>;

/** Only rows of these splits stay. */
export const KeepSplits = z.object({ kind: z.literal('keepSplits'), splits: splitNames });
export type KeepSplits = z.infer<typeof KeepSplits>;

/** A column with a number from 0 for each row: the fold in which it is held out. Folds are of the same size. */
export const AssignFolds = z.object({
  kind: z.literal('assignFolds'),
  /** The name of the new column. */
  column: z.string(),
  folds: z.number().int(),
  seed: z.number().int(),
  stratifyBy: z.string().nullable().default(null),
  stratifyPairs: z.boolean().default(false),
  groupBy: columnNames.default([]),
  keepTogether: columnNames.nullable().default(null),
  nearDuplicates: NearDuplicates,
  /** The splits whose rows get a fold; rows of others get none. Null: all rows. */
  ofSplits: splitNames.nullable().default(null),
});
export type AssignFolds = z.infer<typeof AssignFolds>;
