import type { DuckDb } from '../../../src/storage/duckdb.js';
import { literal } from '../../../src/storage/duckdb.js';
import type { RowTable } from '../row-table.js';

/** Rows that are read at once. Sixteen copies of each take less than a second, after which there is a sign of life. */
const rowsPerChunk = 512;

/**
 * The rows of a split that no step made, in their order, by chunks. No statement stays open in between, so that what is
 * made of a chunk can be written.
 *
 * @param values expressions of SQL, by the names that a row has them under
 * @param condition of SQL for the rows that are wanted
 */
export async function* sourceRows<Row extends object>(
  database: DuckDb,
  { name }: RowTable,
  split: string,
  values: Readonly<Record<keyof Row & string, string>>,
  condition = 'true',
): AsyncGenerator<readonly (Row & { readonly row: number })[]> {
  const selected = Object.entries<string>(values).map(([as, sql]) => `${sql} AS ${as}`);
  let last = -1;
  for (;;) {
    const rows = await database.query<Row & { row: number }>(
      `SELECT ${['row::DOUBLE AS row', ...selected].join(', ')} FROM ${name}
       WHERE row > ${last} AND split = ${literal(split)} AND made_by IS NULL AND (${condition})
       ORDER BY ${name}.row LIMIT ${rowsPerChunk}`,
    );
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)!.row;
  }
}
