import { z } from 'zod';
import { FileFormat } from './split-request.js';

const DelimitedOptions = z.object({
  /** Whether the first line names the columns. Null: it does, unless it looks like data. */
  header: z.boolean().nullable(),
  /** Names of the columns, in order; null: the header's names, or column1, column2 and so on. */
  names: z.array(z.string()).readonly().nullable(),
  /** One character. Null: a tab in TSV; in CSV the delimiter that fits the first rows. */
  delimiter: z.string().nullable(),
  /** One character, or none: quotes are characters like any other. Null: in CSV the one that fits the first rows. */
  quote: z.string().nullish(),
  /** How a quote is written within quotes. Null: as the first rows do. */
  quoteEscape: z.enum(['DOUBLED', 'BACKSLASH']).nullish(),
  /** The character with which lines begin that are no rows. Null: there are none. */
  comment: z.string().nullish(),
});
export type DelimitedOptions = Readonly<z.infer<typeof DelimitedOptions>>;

/** How the rows of JSON Lines and JSON documents are found. */
const JsonOptions = z.object({
  /**
   * Where in a JSON document the rows are: keys with dots between them, or a JSON pointer. Null: where they are found.
   */
  path: z.string().nullable(),
  /** Null: the layout that is found. */
  layout: z.enum(['RECORDS', 'ROWS', 'COLUMNS']).nullable(),
  /** Whether objects inside of a row become columns of their own, named by their paths: `a.b`. */
  flatten: z.boolean(),
});
export type JsonOptions = Readonly<z.infer<typeof JsonOptions>>;

/** Which sheet of an Excel workbook is read. */
const WorkbookOptions = z.object({
  /** By name. Null: by number. */
  sheet: z.string().nullable(),
  /** From 1, in the order of the workbook. Null: the first that is not hidden and has rows. */
  sheetNumber: z.number().int().nullable(),
});
export type WorkbookOptions = Readonly<z.infer<typeof WorkbookOptions>>;

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
  /** The format, over that of the upload. Null: that of the upload. */
  format: FileFormat.nullish(),
  json: JsonOptions.nullish(),
  workbook: WorkbookOptions.nullish(),
});
export type FileOptions = Readonly<z.infer<typeof FileOptions>>;

export const usualRejectedShare = 0.5;

export const noFileOptions: FileOptions = { delimited: null, conll: null, listColumns: [] };

/** Options that say whether there is a header; where they left it open, what was found. */
export function withHeader<Options extends FileOptions | null>(options: Options, header: boolean | null): Options {
  if (options === null || options.delimited === null) return options;
  return { ...options, delimited: { ...options.delimited, header: options.delimited.header ?? header } };
}
