import { z } from 'zod';

const count = z.number().int().min(0);
const share = z.number().min(0).max(1);

/** A row of one version that the other lacks. */
const LoneRow = z.object({ row: count, split: z.string(), excerpt: z.string() });
export type LoneRow = z.infer<typeof LoneRow>;

/** A key of several rows of one version, and how many rows of each version have it. */
const RepeatedKey = z.object({ values: z.array(z.string()), before: count, after: count });
export type RepeatedKey = z.infer<typeof RepeatedKey>;

const ChangedRow = z.object({
  row: count,
  otherRow: count,
  /** The first values that differ, at most five. */
  values: z.array(z.object({ column: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
});
export type ChangedRow = z.infer<typeof ChangedRow>;

/**
 * Rows of two versions that belong together: those with an equal key, or, without a key, those that are equal in all
 * columns that both versions have. Of several rows with one key, the first belongs to the first.
 */
const RowChanges = z.object({
  added: count,
  removed: count,
  /** Rows that have other values in a column that both versions have; always 0 without a key. */
  changed: count,
  unchanged: count,
  /** Rows that belong together and are in different splits. */
  moved: count,
  /** Rows beyond the first of their key, in both versions together; and rows without a value in the key. */
  repeatedKeys: count,
  /** The keys of the most rows. */
  mostRepeated: z.array(RepeatedKey).max(10).default([]),
  withoutKey: count,
  /** By column, how many rows have another value. */
  changedColumns: z.array(z.object({ column: z.string(), rows: count })),
  firstAdded: z.array(LoneRow).max(10),
  firstRemoved: z.array(LoneRow).max(10),
  firstChanged: z.array(ChangedRow).max(10),
});
export type RowChanges = z.infer<typeof RowChanges>;

const ColumnChanges = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  /** Columns of both versions whose types differ. */
  retyped: z.array(z.object({ column: z.string(), before: z.string(), after: z.string() })),
});
export type ColumnChanges = z.infer<typeof ColumnChanges>;

/** How the labels of a column are distributed in both versions, over all splits. */
const LabelShift = z.object({
  column: z.string(),
  /** Labels of one version alone; the most frequent 100. */
  added: z.array(z.string()),
  removed: z.array(z.string()),
  /** The 100 labels whose shares differ most. */
  counts: z.array(z.object({ label: z.string(), before: count, after: count })),
  /** Pearson's χ² test; null where there are fewer than two classes. */
  test: z
    .object({ statistic: z.number(), degrees: count, p: share, cramersV: z.number().min(0), leastExpected: z.number() })
    .nullable(),
});
export type LabelShift = z.infer<typeof LabelShift>;

const LengthShift = z.object({
  column: z.string(),
  /** Median and mean of the characters. */
  before: z.object({ texts: count, median: z.number(), mean: z.number() }),
  after: z.object({ texts: count, median: z.number(), mean: z.number() }),
  /** The two-sample test of Kolmogorov and Smirnov. */
  test: z.object({ statistic: share, p: share }),
});
export type LengthShift = z.infer<typeof LengthShift>;

const EmbeddingShift = z.object({
  before: count,
  after: count,
  centroidCosine: z.number().min(-1).max(1),
  /** Area under the ROC curve of a probe that tells the versions apart; 0.5 where it can not. */
  classifierAuc: share,
  standardError: z.number().min(0),
});

/** What differs between two dataset versions. */
export const VersionComparison = z.object({
  /** The columns that say which rows belong together; none: the whole row does. */
  key: z.array(z.string()),
  rowsBefore: count,
  rowsAfter: count,
  rows: RowChanges,
  columns: ColumnChanges,
  labels: z.array(LabelShift),
  lengths: z.array(LengthShift),
  /** Null: no model was given, or there are too few texts. */
  embeddings: EmbeddingShift.nullable(),
});
export type VersionComparison = z.infer<typeof VersionComparison>;
