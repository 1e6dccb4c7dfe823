import { z } from 'zod';

/** The encoding of a text file. */
export const FileEncoding = z.object({
  /** As the Encoding Standard names it: utf-8, utf-16le, windows-1252 and so on. */
  name: z.string(),
  /** How it was found: it was given; the file says it; the file is UTF-8; or the bytes look like it. */
  found: z.enum(['GIVEN', 'BYTE_ORDER_MARK', 'UTF8', 'RECOGNISED']),
});
export type FileEncoding = Readonly<z.infer<typeof FileEncoding>>;
