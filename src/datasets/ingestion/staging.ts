import { type ColumnType, isListType } from '../column-type.js';
import type { DuckDb } from '../duckdb.js';
import type { FileOptions } from '../file-options.js';
import type { FileFormat } from '../split-request.js';
import type { RowTally } from './rejected-rows.js';

/**
 * The staged table: a file's good rows in their order, under columns c0, c1, …, so that no name of a user's gets into the
 * statements of ingestion. DuckDB's `rowid` numbers them from 0 without gaps.
 */
export const stagedTable = 'staged';

export interface StagedColumn {
  /** The user's. */
  readonly name: string;
  readonly type: ColumnType;
  /** Its typed value, over the staged table. */
  readonly expression: string;
}

export interface StagingRequest {
  /** The uploaded file. */
  readonly path: string;
  readonly format: FileFormat;
  readonly options: FileOptions;
  /** A folder of this ingestion's own, removed afterwards. */
  readonly folder: string;
  /** Where a problem with the file is in the mutation's input. */
  readonly problemPath: readonly string[];
}

/** Fills the staged table, and tallies the rows that could not be read. Throws ProblemsError. */
export type Stage = (database: DuckDb, request: StagingRequest, tally: RowTally) => Promise<StagedColumn[]>;

/** Bytes of one row, its line end not counted. A text of 10 MB has room in it. */
export const maxRowBytes = 16 * 1024 * 1024;

/** Of a row rewritten as JSON: DuckDB holds buffers of this size, twice a thread. */
export const maxObjectBytes = maxRowBytes + 1024;

/** A staged value as text that is equal only for equal values of its column. */
export function textOf({ type, expression }: StagedColumn): string {
  // JSON puts items in quotes, and so tells “a, b” from “a” and “b”.
  return isListType(type) ? `CAST(to_json(${expression}) AS VARCHAR)` : `CAST(${expression} AS VARCHAR)`;
}

export function stagedName(index: number): string {
  return `c${index}`;
}
