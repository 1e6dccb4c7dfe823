import { z } from 'zod';

/** What a column of a dataset version is for. */
export const ColumnRole = z.enum([
  'TEXT',
  'SECOND_TEXT',
  'LABEL',
  'LABELS',
  'NUMBER',
  'TOKENS',
  'TAGS',
  'PROMPT',
  'COMPLETION',
  'MESSAGES',
  'CHOSEN',
  'REJECTED',
  'WEIGHT',
  'GROUP',
  'TIME',
  'SLICE',
  'IGNORE',
]);
export type ColumnRole = z.infer<typeof ColumnRole>;
