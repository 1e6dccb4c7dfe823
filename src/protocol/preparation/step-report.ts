import { z } from 'zod';

const count = z.number().int().min(0);

/** Values of a row by their columns, as texts that are cut to `maxExcerptLength`; null: missing. */
const Excerpts = z.array(z.object({ column: z.string(), text: z.string().nullable() }));

/** What a step did to one row. */
export const StepExample = z.object({
  change: z.enum(['CHANGED', 'DROPPED', 'ADDED']),
  /** Number of the row, from 0, among those that the sources gave; rows that a step added come after them. */
  row: count,
  /** The row that it doubles, or that it was made from. */
  otherRow: count.nullable(),
  /** Why, where the step says so. */
  reason: z.string().nullable(),
  /** Before the step: of a changed row the columns that changed and were there. Empty for a row that was added. */
  before: Excerpts,
  /** After the step. Empty for a row that was dropped. */
  after: Excerpts,
});
export type StepExample = z.infer<typeof StepExample>;

/** What a step of a recipe did. */
export const StepReport = z.object({
  rowsBefore: count,
  rowsAfter: count,
  /** Rows with a value that is another, or with one in a column that the step made: not missing, and not false. */
  changed: count,
  dropped: count,
  added: count,
  columnsAdded: z.array(z.string()),
  columnsDropped: z.array(z.string()),
  /** The first of each change. */
  examples: z.array(StepExample),
});
export type StepReport = z.infer<typeof StepReport>;

/** How many rows of each change are kept as examples. */
export const maxExamples = 10;
export const maxExcerptLength = 300;
