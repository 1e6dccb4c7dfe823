import { z } from 'zod';
import { columnTypes } from '../datasets/column-type.js';
import { FileNotice } from '../datasets/file-notice.js';
import { RejectedRow } from '../datasets/rejected-row.js';
import { FileFormat } from '../datasets/split-request.js';
import { NamedVersion } from './named-versions.js';
import { RowSource } from './prepare-job.js';
import { Recipe } from './recipe.js';
import { StepReport } from './step-report.js';

/** How many rows a preview takes through a recipe at most. */
export const previewRows = 5_000;

/** What a recipe would do, tried on a sample of the rows. */
export const PreviewJob = z.object({
  kind: z.literal('preview'),
  sources: z.array(RowSource).min(1),
  recipe: Recipe,
  /** The versions beside the sources that steps read. */
  namedVersions: z.array(NamedVersion).default([]),
  maxRows: z.number().int().min(1),
});
export type PreviewJob = z.infer<typeof PreviewJob>;

const count = z.number().int().min(0);

export const PreparationPreview = z.object({
  /** Rows of the sources; null: a file was read only in part. */
  rowCount: count.nullable(),
  /** Rows that were taken through the recipe: evenly spaced over a version, the first of a file. */
  sampledCount: count,
  /** Of each source, the format in which its file was read; null: the source is a version. */
  formats: z.array(FileFormat.nullable()),
  /** What was found in the files: encodings, quotes, sheets, places of rows. */
  notices: z.array(FileNotice),
  /** Rows that could not be read in what was read of the files, and the first of them. Versions are no files. */
  rejectedCount: count,
  rejectedRows: z.array(RejectedRow),
  /** The columns after the last step. */
  columns: z.array(z.object({ name: z.string(), type: z.enum(columnTypes) })),
  steps: z.array(StepReport),
  /** The first rows after the last step: the values of the columns as texts, cut; null: missing. */
  rows: z.array(z.object({ row: count, values: z.array(z.string().nullable()) })),
});
export type PreparationPreview = z.infer<typeof PreparationPreview>;
