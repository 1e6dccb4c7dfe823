import { z } from 'zod';

/** Formats of files that rows are read from. */
export const FileFormat = z.enum(['CSV', 'TSV', 'JSONL', 'CONLL', 'PARQUET', 'JSON', 'EXCEL']);
export type FileFormat = z.infer<typeof FileFormat>;

/** Formats of files that are uploaded. The format may be left to be found: `AUTO`. */
export const UploadFormat = z.enum([...FileFormat.options, 'AUTO']);
export type UploadFormat = z.infer<typeof UploadFormat>;

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

/** How rows get their splits where nobody says so. */
export const usualSplit = {
  kind: 'drawn',
  fractions: [
    { name: 'train', fraction: 0.8 },
    { name: 'validation', fraction: 0.1 },
    { name: 'test', fraction: 0.1 },
  ],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
} as const satisfies SplitRequest;
