import { z } from 'zod';

/** Whether texts that are empty, or hold only white space, and empty lists count as missing values. */
const blankIsMissing = z.boolean().default(false);

/**
 * Missing values get a value. What is learnt from the rows, such as a mean, is learnt from those of some splits alone,
 * so that nothing of a test split gets into what is trained on.
 */
export const FillMissing = z.object({
  kind: z.literal('fillMissing'),
  columns: z.array(z.string()).min(1),
  /**
   * What missing values are replaced with: CONSTANT, the same value everywhere; MODE, the most frequent one, and of
   * equally frequent ones the lowest; MEAN, of numbers, and of whole numbers rounded to one; MEDIAN, the middle one of
   * numbers or times, or halfway between two.
   */
  by: z.enum(['CONSTANT', 'MODE', 'MEAN', 'MEDIAN']),
  /** The constant: a text that the column's type can be read from; JSON for lists and objects. Null: there is none. */
  value: z.string().nullable().default(null),
  /** Values are learnt for each value of this column; where there are none to learn from, from all rows. Null: none. */
  groupBy: z.string().nullable().default(null),
  /** The splits that values are learnt from. Null: “train”, or all rows if they have no splits yet. */
  learnFrom: z.array(z.string()).min(1).nullable().default(null),
  blankIsMissing,
});
export type FillMissing = z.infer<typeof FillMissing>;

/** Rows with missing values are dropped. */
export const DropMissing = z.object({
  kind: z.literal('dropMissing'),
  columns: z.array(z.string()).min(1),
  /** ANY: rows that miss one of the columns; ALL: rows that miss all of them. */
  when: z.enum(['ANY', 'ALL']).default('ANY'),
  blankIsMissing,
});
export type DropMissing = z.infer<typeof DropMissing>;

/** A new column says for each row whether it has no value in another. */
export const MarkMissing = z.object({
  kind: z.literal('markMissing'),
  column: z.string(),
  /** The name of the new column. */
  as: z.string(),
  blankIsMissing,
});
export type MarkMissing = z.infer<typeof MarkMissing>;
