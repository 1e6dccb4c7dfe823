import { z } from 'zod';
import { columnTypes } from '../datasets/column-type.js';
import { Sha256 } from '../sha256.js';
import { RowExport } from './row-export.js';

const count = z.number().int().min(0);

/** Rows, mostly of a dataset version, are written into files of a format that other programs read. */
export const ExportRowsJob = z.object({
  kind: z.literal('exportRows'),
  datasetExportId: z.uuid(),
  version: z.object({
    digest: Sha256,
    columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  }),
  /** Whether the file holds no version but JSON Lines, an object of the columns a row. */
  isLines: z.boolean().default(false),
  request: RowExport,
  /** The files to write, each with the splits whose rows it holds; null: as the request says. */
  files: z.array(z.object({ name: z.string().min(1), splits: z.array(z.string()).nullable() })).min(1),
  /** How many rows there are to write. */
  rowCount: count,
});
export type ExportRowsJob = z.infer<typeof ExportRowsJob>;

/** How far an export of rows has come. */
export const ExportRowsProgress = z.object({
  /** Rows of the files that are finished and, in the forms for language models, of the one under way. */
  rowsDone: count,
  rowsTotal: count,
  /** Of all files so far. */
  bytesWritten: count,
});
export type ExportRowsProgress = z.infer<typeof ExportRowsProgress>;

/** A row that a form can not hold. */
export const LeftOutRow = z.object({
  /** Its number in the version, from 0. */
  row: count,
  reason: z.string(),
});
export type LeftOutRow = z.infer<typeof LeftOutRow>;

/** Of the rows that were left out, how many are named. */
export const maxLeftOutRows = 10;
