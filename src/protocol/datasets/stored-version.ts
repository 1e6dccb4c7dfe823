import { z } from 'zod';
import { columnTypes } from './column-type.js';

const count = z.number().int().min(0);

const StoredListLengths = z.object({ shortest: count, longest: count, mean: z.number() });
export type StoredListLengths = Readonly<z.infer<typeof StoredListLengths>>;

/** An entry of `dataset_versions.columns`; the entries are in the order of the file. */
export const StoredColumn = z.object({
  name: z.string(),
  type: z.enum(columnTypes),
  missing: count,
  /** How many different values there are; lists count as whole values. */
  distinct: count,
  /**
   * Most frequent first; null if there are too many different values to be labels. In columns of lists, the items are
   * counted.
   */
  labels: z
    .array(z.object({ label: z.string(), count }))
    .readonly()
    .nullable(),
  /** Lengths of the lists; null if the column holds no list. Versions older than columns of lists lack this field. */
  lengths: StoredListLengths.nullish(),
});
export type StoredColumn = Readonly<z.infer<typeof StoredColumn>>;

export const StoredSplit = z.object({ name: z.string(), exampleCount: count });
export type StoredSplit = Readonly<z.infer<typeof StoredSplit>>;

/** How a version's splits came about. */
export const StoredSplitPlan = z.object({
  splitColumn: z.string().nullable(),
  fractions: z.array(z.object({ name: z.string(), fraction: z.number() })).readonly(),
  seed: z.number().nullable(),
  stratifyBy: z.string().nullable(),
  keepTogether: z.array(z.string()).readonly(),
  /** Of a version that joins others: which split the rows of each became. Left out in every other version. */
  joined: z
    .array(z.object({ split: z.string(), datasetVersionId: z.string() }))
    .readonly()
    .optional(),
  /** Whether rows have the splits that they had, or that a step gave them. Left out where they have not. */
  kept: z.boolean().optional(),
});
export type StoredSplitPlan = Readonly<z.infer<typeof StoredSplitPlan>>;
