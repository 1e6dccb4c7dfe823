import { z } from 'zod';

/** Whether texts that are empty, or hold only white space, and empty lists count as missing values. */
const blankIsMissing = z.boolean();

/** What missing values are replaced with. */
export const Filling = z.discriminatedUnion('kind', [
  /** The same value everywhere: a text that the column's type can be read from; JSON for lists and objects. */
  z.object({ kind: z.literal('constant'), value: z.string() }),
  /** The value that occurs most often; of equally frequent ones the lowest. */
  z.object({ kind: z.literal('mode') }),
  /** The mean of numbers; of whole numbers, rounded to one. */
  z.object({ kind: z.literal('mean') }),
  /** The middle one of numbers or times, or halfway between the two. */
  z.object({ kind: z.literal('median') }),
]);
export type Filling = z.infer<typeof Filling>;

/**
 * Missing values get a value. What is learnt from the rows, such as a mean, is learnt from those of some splits alone,
 * so that nothing of a test split gets into what is trained on.
 */
export const FillMissing = z.object({
  kind: z.literal('fillMissing'),
  columns: z.array(z.string()).min(1),
  with: Filling,
  /** Values are learnt for each value of this column; where there are none to learn from, from all rows. Null: none. */
  groupBy: z.string().nullable(),
  /** The splits that values are learnt from. Null: “train”, or all rows if they have no splits yet. */
  learnFrom: z.array(z.string()).min(1).nullable(),
  blankIsMissing,
});
export type FillMissing = z.infer<typeof FillMissing>;

/** Rows with missing values are dropped. */
export const DropMissing = z.object({
  kind: z.literal('dropMissing'),
  columns: z.array(z.string()).min(1),
  /** ANY: rows that miss one of the columns; ALL: rows that miss all of them. */
  when: z.enum(['ANY', 'ALL']),
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
