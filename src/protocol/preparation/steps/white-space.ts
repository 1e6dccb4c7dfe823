import { z } from 'zod';

/** Runs of white space become one space, and none stays at the ends. */
export const CollapseWhiteSpace = z.object({
  kind: z.literal('collapseWhiteSpace'),
  /** Null: all columns of texts. */
  columns: z.array(z.string()).min(1).nullable(),
  /** Whether line breaks stay: runs with one or more become one. */
  keepLineBreaks: z.boolean(),
  /** Whether none stays at the ends of a text. */
  trim: z.boolean(),
});
export type CollapseWhiteSpace = z.infer<typeof CollapseWhiteSpace>;
