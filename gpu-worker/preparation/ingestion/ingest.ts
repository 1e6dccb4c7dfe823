import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFileOptions } from '../../../src/preparation/check-file-options.js';
import { checkSignature, signatureBytes } from '../../../src/preparation/file-signature.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { type FileOptions, noFileOptions, usualRejectedShare } from '../../../src/protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { RejectedRow } from '../../../src/protocol/datasets/rejected-row.js';
import type { FileFormat, SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { openDuckDb } from '../../../src/storage/duckdb.js';
import { assignSplits } from './assign-splits.js';
import { reportColumns } from './column-report.js';
import { fewNumbers } from './few-numbers.js';
import { readEnds } from './file-passes.js';
import { RowTally } from './rejected-rows.js';
import { toSplitPlan } from './split-plan.js';
import { stageConll } from './stage-conll.js';
import { stageCsv } from './stage-csv.js';
import { stageJsonLines } from './stage-json-lines.js';
import { stageParquet } from './stage-parquet.js';
import type { Stage } from './staging.js';
import { writeVersion } from './write-version.js';

export interface IngestionRequest {
  /** The uploaded file. */
  readonly path: string;
  readonly format: FileFormat;
  /** Default: the usual options of the format. */
  readonly options?: FileOptions;
  /**
   * Names that the texts may have, of a file that is read for its texts. Default: it is read for all of its columns.
   */
  readonly textNames?: readonly string[];
  readonly split: SplitRequest;
  /**
   * A folder that does not exist yet, on the file system of the artifact store, so that the result can be moved there.
   */
  readonly folder: string;
}

export interface IngestionSettings {
  readonly threads: number;
  readonly memoryLimitMb: number;
}

export interface IngestedVersion {
  /** The Parquet file, inside the request's folder. */
  readonly path: string;
  readonly exampleCount: number;
  readonly rejectedCount: number;
  /** The first rejected rows. */
  readonly rejectedRows: readonly RejectedRow[];
  readonly columns: readonly StoredColumn[];
  /** Columns of the file that can not be used. */
  readonly leftOutColumns: readonly LeftOutColumn[];
  /** Whether the first line was read as the header; null in formats that have none. */
  readonly header: boolean | null;
  readonly notices: readonly FileNotice[];
  readonly splits: readonly StoredSplit[];
  readonly splitPlan: StoredSplitPlan;
}

const stages: Readonly<Record<FileFormat, Stage>> = {
  CSV: stageCsv,
  TSV: stageCsv,
  JSONL: stageJsonLines,
  CONLL: stageConll,
  PARQUET: stageParquet,
};

const problemPath = ['uploadId'];

/**
 * Makes a dataset version from an uploaded file: stages its good rows, draws their splits, describes its columns, and
 * writes it. Memory is limited to `memoryLimitMb` and one row; other data are on disk, in the folder, which the caller
 * removes.
 * @throws ProblemsError for problems of the file or the split request; StorageError
 */
export async function ingest(request: IngestionRequest, settings: IngestionSettings): Promise<IngestedVersion> {
  const { path, format, options = noFileOptions, textNames = null, split, folder } = request;
  const wrongOptions = checkFileOptions(options, format);
  if (wrongOptions.length > 0) throw new ProblemsError(wrongOptions);
  const { head, tail } = await readEnds(path);
  const wrongFormat = checkSignature(head.subarray(0, signatureBytes), tail, format, problemPath);
  if (wrongFormat !== null) throw new ProblemsError([wrongFormat]);
  await mkdir(folder, { recursive: true });
  // In memory, with data that do not fit spilled into the folder. One connection, because a statement may change
  // settings for later ones.
  const database = await openDuckDb({ ...settings, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const tally = new RowTally(options.maxRejectedShare ?? usualRejectedShare);
    const columns = await stages[format](database, { path, format, options, textNames, folder, problemPath }, tally);
    const [staged] = await database.query<{ rows: number }>('SELECT count(*)::DOUBLE AS rows FROM staged');
    if (staged!.rows !== tally.accepted) {
      throw new Error(`${tally.accepted} rows of the file are good, but ${staged!.rows} were staged`);
    }
    const splitPlan = toSplitPlan(split, columns, tally.leftOut);
    const splits = await assignSplits(database, columns, splitPlan);
    const report = await reportColumns(database, columns);
    const version = {
      path: join(folder, 'version.parquet'),
      exampleCount: tally.accepted,
      rejectedCount: tally.rejected,
      rejectedRows: tally.rows,
      columns: report.columns,
      leftOutColumns: tally.leftOut,
      header: tally.header,
      notices: [...tally.notices, ...fewNumbers(report.columns, tally.accepted)],
      splits,
      splitPlan,
    };
    const { bytes, withTexts } = report;
    await writeVersion(database, columns, withTexts, { path: version.path, rows: tally.accepted, bytes });
    return version;
  } finally {
    database.close();
  }
}
