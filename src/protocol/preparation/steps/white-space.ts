import { z } from 'zod';

/** Runs of white space become one space, and none stays at the ends. */
export const CollapseWhiteSpace = z.object({
  kind: z.literal('collapseWhiteSpace'),
  /** Null: all columns of texts. */
  columns: z.array(z.string()).min(1).nullable().default(null),
  /** Whether line breaks stay: runs with one or more become one. */
  keepLineBreaks: z.boolean().default(false),
  /** Whether none stays at the ends of a text. */
  trim: z.boolean().default(true),
});
export type CollapseWhiteSpace = z.infer<typeof CollapseWhiteSpace>;
