import { z } from 'zod';

/** Formats of files that rows are read from. */
export const FileFormat = z.enum(['CSV', 'TSV', 'JSONL', 'CONLL', 'PARQUET']);
export type FileFormat = z.infer<typeof FileFormat>;

/** Formats of files that are uploaded: rows, or one JSON document, a `tokenizer.json`. */
export type UploadFormat = FileFormat | 'JSON';

const Fractions = z.array(z.object({ name: z.string(), fraction: z.number() })).readonly();

/** How a client wants the rows of a file to be assigned to splits. */
export const SplitRequest = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('drawn'),
    fractions: Fractions,
    seed: z.number(),
    stratifyBy: z.string().nullable(),
    keepTogether: z.array(z.string()).readonly(),
  }),
  z.object({ kind: z.literal('column'), column: z.string() }),
]);
export type SplitRequest = Readonly<z.infer<typeof SplitRequest>>;
