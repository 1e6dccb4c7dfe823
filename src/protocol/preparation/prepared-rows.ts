import { z } from 'zod';
import { FileNotice } from '../datasets/file-notice.js';
import { LeftOutColumn } from '../datasets/left-out-column.js';
import { RejectedRow } from '../datasets/rejected-row.js';
import { FileFormat } from '../datasets/split-request.js';
import { StoredColumn, StoredSplit, StoredSplitPlan } from '../datasets/stored-version.js';
import { Sha256 } from '../sha256.js';
import { VersionRoles } from './assigned-roles.js';
import { StepReport } from './step-report.js';

const count = z.number().int().min(0);

/** What a preparation has made: a file of rows in the layout of a dataset version, and what is known of it. */
export const PreparedRows = z.object({
  /** Artifact of the rows. */
  digest: Sha256,
  exampleCount: count,
  rejectedCount: count,
  /** The first rejected rows. */
  rejectedRows: z.array(RejectedRow).readonly(),
  columns: z.array(StoredColumn).readonly(),
  leftOutColumns: z.array(LeftOutColumn).readonly(),
  /** Of each source, the format in which its file was read; null: the source is a version. */
  formats: z.array(FileFormat.nullable()).readonly(),
  /** Whether the first line of the one file was read as the header; null in formats that have none. */
  header: z.boolean().nullable(),
  notices: z.array(FileNotice).readonly(),
  splits: z.array(StoredSplit).readonly(),
  splitPlan: StoredSplitPlan,
  /** Of each step of the recipe, what it did. */
  steps: z.array(StepReport).readonly(),
  /** What each column is for, as was said or guessed. */
  roles: VersionRoles.readonly(),
});
export type PreparedRows = Readonly<z.infer<typeof PreparedRows>>;
