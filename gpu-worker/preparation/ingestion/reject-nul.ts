import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { excerptLength, maxRejectedRowsKept, type RowTally } from './rejected-rows.js';
import { type StagedColumn, stagedTable } from './staging.js';

/** A NUL in JSON text: the escape, after an even number of backslashes. */
const escapedNul = String.raw`(^|[^\\])(\\\\)*\\u0000`;

/** An SQL condition: the column's value holds a NUL. Null for types that can not. */
function holdsNul({ type, expression }: StagedColumn): string | null {
  switch (type) {
    case 'TEXT':
      return `contains(${expression}, chr(0))`;
    case 'TEXT_LIST':
      return `len(list_filter(${expression}, lambda item: contains(item, chr(0)))) > 0`;
    case 'JSON':
      return `regexp_matches(CAST(${expression} AS VARCHAR), ${literal(escapedNul)})`;
    case 'INTEGER':
    case 'FLOAT':
    case 'BOOLEAN':
    case 'TIMESTAMP':
    case 'INTEGER_LIST':
    case 'FLOAT_LIST':
      return null;
    default:
      return type satisfies never;
  }
}

/**
 * Rejects staged rows with a NUL, as the scanners of text files do: PostgreSQL, where labels are stored, has no place
 * for one. Rows are counted from 1, as Parquet has no lines.
 */
export async function rejectNul(database: DuckDb, columns: readonly StagedColumn[], tally: RowTally): Promise<void> {
  await database.query('CREATE TABLE faults (number BIGINT, place INTEGER, start VARCHAR)');
  for (const [place, column] of columns.entries()) {
    const condition = holdsNul(column);
    if (condition === null) continue;
    await database.query(
      `INSERT INTO faults
       SELECT rowid, ${place}, left(CAST(${column.expression} AS VARCHAR), ${excerptLength}) FROM ${stagedTable}
       WHERE ${condition}`,
    );
  }
  const [found] = await database.query<{ rows: number }>('SELECT count(DISTINCT number)::DOUBLE AS rows FROM faults');
  if (found!.rows > 0) {
    const first = await database.query<{ number: number; place: number; start: string }>(
      `SELECT number::DOUBLE AS number, place, start FROM faults
       QUALIFY row_number() OVER (PARTITION BY number ORDER BY place) = 1 ORDER BY number LIMIT ${maxRejectedRowsKept}`,
    );
    for (const { number, place, start } of first) {
      const { name, type } = columns[place]!;
      const what = type === 'TEXT_LIST' ? `An item of “${name}”` : `“${name}”`;
      tally.reject(number + 1, 'INVALID_CHARACTER', `${what} holds a NUL character.`, Buffer.from(start));
    }
    tally.rejected = found!.rows;
    tally.accepted -= found!.rows;
    await database.query(
      `CREATE TABLE good AS
       SELECT * FROM ${stagedTable} WHERE rowid NOT IN (SELECT number FROM faults) ORDER BY ${stagedTable}.rowid`,
    );
    await database.query(`DROP TABLE ${stagedTable}`);
    await database.query(`ALTER TABLE good RENAME TO ${stagedTable}`);
  }
  await database.query('DROP TABLE faults');
}
