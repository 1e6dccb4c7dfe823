import {
  madeByColumn,
  rowColumn,
  sourceRowColumn,
  splitColumn,
  textColumnOf,
} from '../../../src/protocol/dataset-layout.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { assignedTable } from './assign-splits.js';
import { type StagedColumn, stagedTable, textOf } from './staging.js';

/** A row group is held in memory while it is written, and is read whole for any of its rows. */
const rowGroupBytes = 32 * 1024 * 1024;
const minRowGroupRows = 2048;
const maxRowGroupRows = 65_536;

/**
 * Writes staged rows and their splits to a Parquet file: the user's columns, then the texts of some of them, what made
 * rows that a step made, row number and split. Equal rows and splits give equal bytes, on any number of threads: row
 * groups have their rows in order, and all of the writer's settings are given. (Another version of DuckDB may write
 * other bytes; it also writes its own name into the file.)
 */
export async function writeVersion(
  database: DuckDb,
  columns: readonly StagedColumn[],
  withTexts: readonly StagedColumn[],
  file: {
    readonly path: string;
    readonly rows: number;
    readonly bytes: number;
    readonly hasMadeRows?: boolean;
    /** Whether staged rows have their splits, and need not be joined with them. */
    readonly haveSplits?: boolean;
  },
): Promise<void> {
  const values = [
    ...columns.map(({ name, expression }) => `${expression} AS ${identifier(name)}`),
    ...withTexts.map((column) => `${textOf(column)} AS ${identifier(textColumnOf(column.name))}`),
    ...(file.hasMadeRows === true
      ? [`made_by AS ${identifier(madeByColumn)}`, `source_row AS ${identifier(sourceRowColumn)}`]
      : []),
  ];
  const haveSplits = file.haveSplits === true;
  // The rows on both sides of a positional join are read by one thread; others would wait for it.
  if (!haveSplits) await database.query('SET threads = 1');
  await database.query(
    `COPY (
       SELECT ${values.join(', ')}, ${stagedTable}.rowid AS ${identifier(rowColumn)}, ${haveSplits ? stagedTable : assignedTable}.split AS ${identifier(splitColumn)}
       FROM ${stagedTable} ${haveSplits ? '' : `POSITIONAL JOIN ${assignedTable}`}
     ) TO ${literal(file.path)} (FORMAT parquet, PARQUET_VERSION v1, COMPRESSION zstd, COMPRESSION_LEVEL 3,
       ROW_GROUP_SIZE ${rowGroupRows(file.rows, file.bytes)}, PRESERVE_ORDER true)`,
  );
}

/** Depends only on the values, so that the same rows are always divided in the same way. */
function rowGroupRows(rows: number, bytes: number): number {
  const fitting = Math.floor(rowGroupBytes / Math.max(1, bytes / rows));
  return Math.min(maxRowGroupRows, Math.max(minRowGroupRows, fitting));
}
