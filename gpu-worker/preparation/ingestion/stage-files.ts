import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archivedFilesPath } from '../../../src/preparation/check-file-options.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { type FileOptions, usualRejectedShare } from '../../../src/protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { RejectedRow } from '../../../src/protocol/datasets/rejected-row.js';
import { type DuckDb, identifier } from '../../../src/storage/duckdb.js';
import type { UnpackBudget } from '../formats/unpack-budget.js';
import type { ReadyFile } from './ready-file.js';
import { maxRejectedRowsKept, RowTally } from './rejected-rows.js';
import { commonType } from './stage-stored.js';
import { dropStaged, renameStaged } from './stage-texts.js';
import { type Stage, type StagedColumn, stagedName, stagedTable, valueTextOf } from './staging.js';
import type { TextFile } from './text-parquet.js';

/** What all files of an upload come to. */
export interface StagedFiles {
  readonly columns: readonly StagedColumn[];
  readonly accepted: number;
  readonly rejected: number;
  readonly rows: readonly RejectedRow[];
  readonly leftOut: readonly LeftOutColumn[];
  /** Whether the first line of the first file was read as the header; null in formats that have none. */
  readonly header: boolean | null;
  readonly notices: readonly FileNotice[];
  /** The file that rows stay in, where the staged table is a view of one. */
  readonly textFile: TextFile | null;
}

export interface StagingOfFiles {
  readonly files: readonly [ReadyFile, ...ReadyFile[]];
  readonly options: FileOptions;
  readonly textNames: readonly string[] | null;
  readonly folder: string;
  readonly problemPath: readonly string[];
  readonly isBeginning: boolean;
  readonly budget: UnpackBudget;
}

const shownColumns = 5;

/**
 * Fills the staged table with the rows of a file, or of several that have the same columns, one after another. Columns
 * are found by name, and get the type that all files have in common.
 * @throws ProblemsError; of several files it names the one
 */
export async function stageFiles(
  database: DuckDb,
  request: StagingOfFiles,
  stageOf: (file: ReadyFile) => Stage,
): Promise<StagedFiles> {
  const { files, options, textNames, folder, problemPath, isBeginning, budget } = request;
  const folderOf = (index: number) => join(folder, `file-${index}`);
  const stageOne = async (file: ReadyFile, index: number) => {
    const tally = new RowTally(options.maxRejectedShare ?? usualRejectedShare);
    const own = folderOf(index);
    await mkdir(own);
    let textFile: TextFile | null = null;
    const staging = {
      path: file.path,
      format: file.format,
      options,
      textNames,
      folder: own,
      problemPath,
      isBeginning,
      budget,
      onTextFile(found: TextFile) {
        textFile = found;
      },
    };
    const columns = await stageOf(file)(database, staging, tally);
    if (textFile === null) await rm(own, { recursive: true });
    const [staged] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${stagedTable}`);
    if (staged!.rows !== tally.accepted) {
      throw new Error(`${tally.accepted} rows of the file are good, but ${staged!.rows} were staged`);
    }
    return { file, columns, tally, textFile: textFile as TextFile | null };
  };
  const [first, ...others] = files;
  if (others.length === 0) {
    const { columns, tally, textFile } = await stageOne(first, 0);
    const { accepted, rejected, rows, leftOut, header } = tally;
    const notices = [...first.notices, ...tally.notices];
    return { columns, accepted, rejected, rows, leftOut, header, notices, textFile };
  }

  const parts: StagedPart[] = [];
  for (const [index, file] of files.entries()) {
    const part = await stageOne(file, index).catch((error: unknown) => {
      throw inFile(error, file.name);
    });
    if (index > 0) requireSameColumns(parts[0]!, part, problemPath);
    await renameStaged(database, partTable(index));
    parts.push(part);
  }
  const columns = await joinParts(database, parts, problemPath);
  // The rows are in one table now.
  for (const index of files.keys()) await rm(folderOf(index), { recursive: true, force: true });
  return { columns, ...sumOf(parts), textFile: null };
}

interface StagedPart {
  readonly file: ReadyFile;
  readonly columns: readonly StagedColumn[];
  readonly tally: RowTally;
}

const partTable = (index: number): string => `staged_part_${index}`;
const textName = (index: number): string => `${stagedName(index)}_text`;

/** The problems of one of several files, which say which. */
function inFile(error: unknown, name: string): unknown {
  if (!(error instanceof ProblemsError)) return error;
  return new ProblemsError(error.problems.map((each) => ({ ...each, message: `${name}: ${each.message}` })));
}

function requireSameColumns(first: StagedPart, part: StagedPart, problemPath: readonly string[]): void {
  const names = (each: StagedPart) => each.columns.map(({ name }) => name);
  const missing = names(first).filter((name) => !names(part).includes(name));
  const more = names(part).filter((name) => !names(first).includes(name));
  if (missing.length + more.length === 0) return;
  const list = (some: readonly string[]) =>
    `${some
      .slice(0, shownColumns)
      .map((name) => `“${name}”`)
      .join(', ')}${some.length > shownColumns ? ', …' : ''}`;
  const lacks = missing.length === 0 ? [] : [`lacks ${list(missing)}`];
  const has = more.length === 0 ? [] : [`has also ${list(more)}`];
  const message = `The files of the archive have different columns: “${part.file.name}” ${[...lacks, ...has].join(' and ')}, beside “${first.file.name}”.`;
  const hint = `Choose files with the same columns, \`${archivedFilesPath.join(': { ')}: ["${first.file.name.replaceAll('"', '\\"')}"] }\`, and upload the others as datasets of their own.`;
  throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, hint)]);
}

async function joinParts(
  database: DuckDb,
  parts: readonly StagedPart[],
  problemPath: readonly string[],
): Promise<StagedColumn[]> {
  const columns = parts[0]!.columns.map(({ name }) => ({ name, type: typeOfAll(name, parts, problemPath) }));
  const selects = parts.map(({ columns: own }, part) => {
    const values = columns.flatMap(({ name, type }, index) => {
      const has = own.find((column) => column.name === name)!;
      const text = has.text ?? valueTextOf(has);
      const value = has.type === type ? has.expression : type === 'FLOAT' ? `CAST(${has.expression} AS DOUBLE)` : text;
      return [`${value} AS ${stagedName(index)}`, `${text} AS ${textName(index)}`];
    });
    return `SELECT ${part} AS part, rowid AS number, ${values.join(', ')} FROM ${partTable(part)}`;
  });
  await database.query(
    `CREATE TABLE ${stagedTable} AS SELECT * EXCLUDE (part, number)
     FROM (${selects.join(' UNION ALL ')}) ORDER BY part, number`,
  );
  for (const index of parts.keys()) await dropStaged(database, partTable(index));
  return columns.map(({ name, type }, index) => {
    const column = { name, type, expression: identifier(stagedName(index)) };
    const hasTexts = parts.some((part) => part.columns.find((each) => each.name === name)!.text !== undefined);
    return hasTexts ? { ...column, text: identifier(textName(index)) } : column;
  });
}

function typeOfAll(name: string, parts: readonly StagedPart[], problemPath: readonly string[]): ColumnType {
  const types = parts.map(({ columns, file }) => ({ file, type: columns.find((each) => each.name === name)!.type }));
  return types.reduce<ColumnType>((common, { type, file }) => {
    const both = commonType(common, type);
    if (both !== null) return both;
    const message = `“${name}” is ${types[0]!.type} in “${types[0]!.file.name}”, and ${type} in “${file.name}”.`;
    throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, 'Choose files whose columns agree.')]);
  }, types[0]!.type);
}

function sumOf(parts: readonly StagedPart[]): Omit<StagedFiles, 'columns' | 'textFile'> {
  const sum = (of: (tally: RowTally) => number) => parts.reduce((total, { tally }) => total + of(tally), 0);
  const rows = parts.flatMap(({ file, tally }) =>
    tally.rows.map((row) => ({ ...row, reason: `${file.name}: ${row.reason}` })),
  );
  const notices = parts.flatMap(({ file, tally }) =>
    [...file.notices, ...tally.notices].map(({ code, message }) => ({ code, message: `${file.name}: ${message}` })),
  );
  const leftOut = parts.flatMap(({ tally }) => tally.leftOut);
  return {
    accepted: sum(({ accepted }) => accepted),
    rejected: sum(({ rejected }) => rejected),
    rows: rows.slice(0, maxRejectedRowsKept),
    leftOut: leftOut.filter(({ name }, index) => leftOut.findIndex((each) => each.name === name) === index),
    header: parts[0]!.tally.header,
    notices: [joined(parts), ...notices],
  };
}

const shownFiles = 10;

function joined(parts: readonly StagedPart[]): FileNotice {
  const names = parts.slice(0, shownFiles).map(({ file, tally }) => `“${file.name}” (${tally.accepted})`);
  const more = parts.length > shownFiles ? `, and ${parts.length - shownFiles} more` : '';
  const message = `The rows of ${parts.length} files stand one after another: ${names.join(', ')}${more}.`;
  return { code: 'ARCHIVED_FILES_JOINED', message };
}
