import { z } from 'zod';

/** Why a row of an uploaded file was rejected; the rest of the file is read all the same. */
export const rejectionCodes = {
  TOO_FEW_COLUMNS: 'The row has fewer columns than the header.',
  TOO_MANY_COLUMNS: 'The row has more columns than the header.',
  INVALID_QUOTE: 'A closing quote is followed by other characters.',
  UNCLOSED_QUOTE: 'A quote is not closed before the file ends.',
  CUT_OFF: 'The file ends within the row.',
  INVALID_UTF8: 'The row is not UTF-8.',
  INVALID_CHARACTER: 'The row holds a NUL, or an unpaired surrogate.',
  TOO_LONG: 'The row is longer than a row may be.',
  INVALID_LIST: 'A value that should be a list is not one, or has an item that is missing or of another kind.',
  UNEQUAL_COLUMNS: 'The lines of a sentence do not have the same columns.',
  INVALID_JSON: 'The line is not JSON.',
  NOT_AN_OBJECT: 'The line is JSON, but not an object.',
  NESTED_TOO_DEEPLY: 'The row has lists or objects inside each other at more levels than a row may have.',
  DUPLICATE_KEY: 'The object has the same key twice.',
} as const;
export type RejectionCode = keyof typeof rejectionCodes;

export const RejectedRow = z.object({
  /** Line of the file on which the row begins, from 1. */
  line: z.number().int(),
  code: z.enum(Object.keys(rejectionCodes) as [RejectionCode, ...RejectionCode[]]),
  reason: z.string(),
  /** The row's beginning. */
  excerpt: z.string(),
});
export type RejectedRow = Readonly<z.infer<typeof RejectedRow>>;
