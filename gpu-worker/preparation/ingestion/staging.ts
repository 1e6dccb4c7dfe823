import { type ColumnType, isListType } from '../../../src/protocol/datasets/column-type.js';
import type { FileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import type { UnpackBudget } from '../formats/unpack-budget.js';
import type { RowTally } from './rejected-rows.js';
import type { TextFile } from './text-parquet.js';

/**
 * The staged table holds a file's good rows in order, under columns c0, c1, …, so that no user's name gets into the
 * statements of ingestion. Its `rowid` numbers the rows from 0 without gaps. Of large files it is a view.
 */
export const stagedTable = 'staged';

export interface StagedColumn {
  /** The column's name in the file. */
  readonly name: string;
  readonly type: ColumnType;
  /** SQL expression of the typed value, over the staged table. */
  readonly expression: string;
  /**
   * SQL expression of the value's text in the file, over the staged table, where the file has one. By default the text
   * is made from the value.
   */
  readonly text?: string;
}

interface StagingRequest {
  /** The uploaded file. */
  readonly path: string;
  readonly format: FileFormat;
  readonly options: FileOptions;
  /** Names that the texts may have, of a file that is read for its texts; null: it is read for all of its columns. */
  readonly textNames: readonly string[] | null;
  /** A folder for this ingestion alone, which is removed afterwards. */
  readonly folder: string;
  /** The path of problems with the file in the mutation's input. */
  readonly problemPath: readonly string[];
  /** Whether the file is the beginning of a longer one, cut anywhere. */
  readonly isBeginning: boolean;
  /** Counts what is unpacked while the file is read. */
  readonly budget: UnpackBudget;
  /** Told of the file that rows stay in, where the staged table is a view of one. */
  readonly onTextFile?: (file: TextFile) => void;
}

/** Fills the staged table, and tallies rows that can't be read. Throws ProblemsError. */
export type Stage = (database: DuckDb, request: StagingRequest, tally: RowTally) => Promise<StagedColumn[]>;

/** The most bytes of one row, without its line end. A text of 10 MB fits. */
export const maxRowBytes = 16 * 1024 * 1024;

/** The most bytes of a row rewritten as JSON: DuckDB holds buffers of this size, two for each thread. */
export const maxObjectBytes = maxRowBytes + 1024;

/**
 * The text of a staged value, by which a class or a split is named: that of the file, where it has one. Otherwise whole
 * numbers are written alike, whether their column holds fractions too or not: 1, and not 1.0.
 */
export function textOf(column: StagedColumn): string {
  const { type, expression, text } = column;
  if (text !== undefined) return text;
  return type === 'FLOAT' ? plainNumber(expression) : valueTextOf(column);
}

/** SQL expression of a floating-point number as text, the shortest that gives it; without a point if it is whole. */
export function plainNumber(expression: string): string {
  const whole = `${expression} = trunc(${expression}) AND abs(${expression}) <= 9007199254740992`;
  // The cast to a whole number also takes the sign from a negative zero, which equals zero.
  return `CASE WHEN ${whole} THEN CAST(CAST(${expression} AS BIGINT) AS VARCHAR) ELSE CAST(${expression} AS VARCHAR) END`;
}

/** A staged value as text that is equal only for equal values of its column. */
export function valueTextOf({ type, expression }: StagedColumn): string {
  // JSON quotes the items, and so tells “a, b” from “a” and “b”.
  return isListType(type) ? `CAST(to_json(${expression}) AS VARCHAR)` : `CAST(${expression} AS VARCHAR)`;
}

export function stagedName(index: number): string {
  return `c${index}`;
}
