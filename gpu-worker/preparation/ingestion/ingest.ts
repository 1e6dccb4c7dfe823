import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFileOptions } from '../../../src/preparation/check-file-options.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { type FileOptions, noFileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { RejectedRow } from '../../../src/protocol/datasets/rejected-row.js';
import type { FileFormat, SplitRequest, UploadFormat } from '../../../src/protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';
import { unpack } from '../formats/unpack.js';
import type { UnpackLimits } from '../formats/unpack-budget.js';
import { assignSplits } from './assign-splits.js';
import { reportColumns } from './column-report.js';
import { fewNumbers } from './few-numbers.js';
import { type ReadyFile, readyFile } from './ready-file.js';
import { toSplitPlan } from './split-plan.js';
import { stageConll } from './stage-conll.js';
import { stageCsv } from './stage-csv.js';
import { type StagedFiles, stageFiles } from './stage-files.js';
import { stageJsonDocument } from './stage-json-document.js';
import { stageJsonLines } from './stage-json-lines.js';
import { stageParquet } from './stage-parquet.js';
import { addSplits } from './stage-texts.js';
import { stageWorkbook } from './stage-workbook.js';
import type { Stage } from './staging.js';
import { writeVersion } from './write-version.js';

export interface IngestionRequest {
  /** The uploaded file. */
  readonly path: string;
  /** Its name, which people gave it. Default: one without an extension. */
  readonly name?: string;
  /** As its owner said, or AUTO: it is found. */
  readonly format: UploadFormat;
  /** Default: the usual options of the format. */
  readonly options?: FileOptions;
  /**
   * Names that the texts may have, of a file that is read for its texts. Default: it is read for all of its columns.
   */
  readonly textNames?: readonly string[];
  /** Whether the file is the beginning of a longer one, cut anywhere. Default: it is whole. */
  readonly isBeginning?: boolean;
  readonly split: SplitRequest;
  /**
   * A folder that does not exist yet, on the file system of the artifact store, so that the result can be moved there.
   */
  readonly folder: string;
  /** Called before each part of the work that follows the reading, with the number of rows. */
  readonly onStage?: (stage: 'SPLITTING' | 'DESCRIBING' | 'WRITING', rows: number) => void;
}

export interface IngestionSettings {
  readonly threads: number;
  readonly memoryLimitMb: number;
  /** How much a packed file may unpack to. */
  readonly unpackLimits?: UnpackLimits;
  /** The signal that interrupts statements. Default: there is none. */
  readonly cancellation?: () => AbortSignal | null;
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
  /** The format in which the file was read. */
  readonly format: FileFormat;
  /** Whether the first line was read as the header; null in formats that have none. */
  readonly header: boolean | null;
  readonly notices: readonly FileNotice[];
  readonly splits: readonly StoredSplit[];
  readonly splitPlan: StoredSplitPlan;
}

/** The staged rows of an upload, and the format in which it was read. */
export interface StagedUpload extends StagedFiles {
  readonly format: FileFormat;
}

const stages: Readonly<Record<FileFormat, Stage>> = {
  CSV: stageCsv,
  TSV: stageCsv,
  JSONL: stageJsonLines,
  CONLL: stageConll,
  PARQUET: stageParquet,
  JSON: stageJsonDocument,
  EXCEL: stageWorkbook,
};

const problemPath = ['uploadId'];

/**
 * Unpacks and decodes an uploaded file, and stages its good rows.
 * @throws ProblemsError for problems of the file, whose paths begin at `uploadId` or `fileOptions`; StorageError
 */
export async function stageUpload(
  database: DuckDb,
  file: Omit<IngestionRequest, 'split'>,
  unpackLimits?: UnpackLimits,
): Promise<StagedUpload> {
  const { path, name = 'upload', format, options = noFileOptions, textNames = null, folder } = file;
  const { isBeginning = false } = file;
  const asked = options.format ?? format;
  const wrongOptions = asked === 'AUTO' ? [] : checkFileOptions(options, asked);
  if (wrongOptions.length > 0) throw new ProblemsError(wrongOptions);
  await mkdir(folder, { recursive: true });
  const unpacked = await unpack({
    path,
    name,
    folder,
    archived: options.archivedFiles ?? null,
    problemPath,
    ...(unpackLimits === undefined ? {} : { limits: unpackLimits }),
  });
  const files: ReadyFile[] = [];
  for (const [index, each] of unpacked.files.entries()) {
    const own = join(folder, `decoded-${index}`);
    await mkdir(own);
    files.push(await readyFile(each, asked, options, own, problemPath));
  }
  const staged = await stageFiles(
    database,
    {
      files: files as [ReadyFile, ...ReadyFile[]],
      options,
      textNames,
      folder,
      problemPath,
      isBeginning,
      budget: unpacked.budget,
    },
    (each) => stages[each.format],
  );
  return { ...staged, format: files[0]!.format, notices: [...unpacked.notices, ...staged.notices] };
}

/**
 * Makes a dataset version from an uploaded file: unpacks and decodes it, stages its good rows, draws their splits,
 * describes its columns, and writes it. Memory is limited to `memoryLimitMb` and one row; other data are on disk, in
 * the folder, which the caller removes.
 * @throws ProblemsError for problems of the file or the split request; StorageError
 */
export async function ingest(request: IngestionRequest, settings: IngestionSettings): Promise<IngestedVersion> {
  const { split, folder, onStage = () => undefined } = request;
  await mkdir(folder, { recursive: true });
  const { unpackLimits, ...limits } = settings;
  // In memory, with data that do not fit spilled into the folder. One connection, because a statement may change
  // settings for later ones.
  const database = await openDuckDb({ ...limits, path: ':memory:', temporaryFolder: join(folder, 'spill') }, 1);
  try {
    const staged = await stageUpload(database, request, unpackLimits);
    const { columns, accepted } = staged;
    onStage('SPLITTING', accepted);
    const splitPlan = toSplitPlan(split, columns, staged.leftOut);
    const splits = await assignSplits(database, columns, splitPlan);
    if (staged.textFile !== null) {
      await addSplits(
        database,
        staged.textFile,
        splits.map(({ name }) => name),
      );
    }
    onStage('DESCRIBING', accepted);
    const report = await reportColumns(database, columns);
    const version = {
      path: join(folder, 'version.parquet'),
      exampleCount: accepted,
      rejectedCount: staged.rejected,
      rejectedRows: staged.rows,
      columns: report.columns,
      leftOutColumns: staged.leftOut,
      format: staged.format,
      header: staged.header,
      notices: [...staged.notices, ...fewNumbers(report.columns, accepted)],
      splits,
      splitPlan,
    };
    const { bytes, withTexts } = report;
    onStage('WRITING', accepted);
    const haveSplits = staged.textFile !== null;
    await writeVersion(database, columns, withTexts, { path: version.path, rows: accepted, bytes, haveSplits });
    return version;
  } finally {
    database.close();
  }
}
