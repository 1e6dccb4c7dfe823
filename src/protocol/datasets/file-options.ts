import { z } from 'zod';

const DelimitedOptions = z.object({
  /** Whether the first line names the columns. Null: it does, unless it looks like data. */
  header: z.boolean().nullable(),
  /** Names of the columns, in order; null: the header's names, or column1, column2 and so on. */
  names: z.array(z.string()).readonly().nullable(),
  /** One character. Null: a tab in TSV; in CSV the delimiter that fits the first rows. */
  delimiter: z.string().nullable(),
});
export type DelimitedOptions = Readonly<z.infer<typeof DelimitedOptions>>;

/** A column whose values must be lists; a row whose value is not a list is rejected. */
const ListColumn = z.object({
  column: z.string(),
  /** The separator between the items of a text; null in JSON Lines, which has lists of its own. */
  separator: z.string().nullable(),
  /** Null: texts, or the types that JSON has. */
  items: z.enum(['TEXT', 'NUMBER']).nullable(),
  /** Whether an empty field is a list without items; otherwise its value is missing. */
  emptyList: z.boolean(),
});
export type ListColumn = Readonly<z.infer<typeof ListColumn>>;

const ConllOptions = z.object({
  columns: z.array(z.object({ number: z.number().int(), name: z.string() })).readonly(),
  separator: z.enum(['WHITESPACE', 'TAB']),
});
export type ConllOptions = Readonly<z.infer<typeof ConllOptions>>;

/** How to read a file, beyond its format. */
export const FileOptions = z.object({
  /** Options for CSV and TSV; null: the usual ones. */
  delimited: DelimitedOptions.nullable(),
  /** Options for CoNLL, which requires them. */
  conll: ConllOptions.nullable(),
  /** Columns of lists in CSV, TSV and JSON Lines. */
  listColumns: z.array(ListColumn).readonly(),
  /**
   * The share of rows that may be rejected, from 0 to 1; beyond it the file is refused. Null: `usualRejectedShare`.
   * Options that are older than the limit lack it.
   */
  maxRejectedShare: z.number().nullish(),
  /** The encoding of a text file, by a label of the Encoding Standard. Null: the one that it is found to have. */
  encoding: z.string().nullish(),
  /** The encoding of the lines that are not UTF-8, in a file that otherwise is. Null: their rows are rejected. */
  otherLinesEncoding: z.string().nullish(),
  /** The files of an archive that are read, by their paths in it. Null: all. */
  archivedFiles: z.array(z.string()).readonly().nullish(),
});
export type FileOptions = Readonly<z.infer<typeof FileOptions>>;

export const usualRejectedShare = 0.5;

export const noFileOptions: FileOptions = { delimited: null, conll: null, listColumns: [] };

/** Options that say whether there is a header; where they left it open, what was found. */
export function withHeader<Options extends FileOptions | null>(options: Options, header: boolean | null): Options {
  if (options === null || options.delimited === null) return options;
  return { ...options, delimited: { ...options.delimited, header: options.delimited.header ?? header } };
}
