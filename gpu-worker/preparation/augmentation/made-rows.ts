import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { duckDbTypes } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import type { RowTable, StepTools, TableColumn } from '../row-table.js';

/** Rows that a step may add: more would hardly be trained on, and fill a disk by a slip of a digit. */
const mostAddedRows = 10_000_000;

/** @throws ProblemsError TOO_LARGE */
export function requireFewAdded(count: number, path: readonly string[]): void {
  if (count <= mostAddedRows) return;
  const message = `The step would add ${count.toLocaleString('en')} rows; a step adds at most ${mostAddedRows.toLocaleString('en')}.`;
  throw new ProblemsError([problem(path, 'TOO_LARGE', message, 'Ask for fewer copies.')]);
}

/** Rows that one statement writes: it takes a fraction of a second, and then there is a sign of life. */
const rowsPerStatement = 65_536;
/** What one statement is given: few enough entries and characters to hold them several times. */
const [entriesPerStatement, charactersPerStatement] = [4_096, 4_194_304];

/** A row to add: the row that it is made from, and the value that it has in the changed column; null: the same. */
export interface NewRow {
  readonly source: number;
  readonly value: string | readonly string[] | null;
  /** How often it is added. Default: once. */
  readonly times?: number;
}

/** Collects the rows that a step adds, in a table of the database. What is held in memory does not grow with them. */
export interface MadeRows {
  /** Rows are taken one after the other, and written many at a time. */
  add(rows: Iterable<NewRow>): Promise<void>;
  /** The table with these rows behind the others, in the order in which they were added. */
  appended(): Promise<RowTable>;
}

/**
 * @param column the one that changes; null: rows are copied as they are
 * @param repeated what becomes of a changed row whose value is there already, in a row of any split or made of another
 * row: it is left out, so that no copy answers for a row of a test, or it is its source once more
 */
export async function collectMadeRows(
  table: RowTable,
  column: TableColumn | null,
  madeBy: string,
  repeated: 'isLeftOut' | 'isItsSource',
  { database, names, beat }: Pick<StepTools, 'database' | 'names' | 'beat'>,
): Promise<MadeRows> {
  const made = names.table();
  const type = column === null ? 'VARCHAR' : duckDbTypes[column.type];
  await database.query(`CREATE TABLE ${made} (place BIGINT, source BIGINT, value ${type}, changed BOOLEAN)`);
  const structure = { place: 'BIGINT', source: 'BIGINT', value: type, changed: 'BOOLEAN', times: 'BIGINT' };
  let waiting: string[] = [];
  let characters = 0;
  /** How many rows were added, and how many of them are in the table. */
  let [added, written] = [0, 0];

  async function write(): Promise<void> {
    beat();
    if (waiting.length === 0) return;
    await database.query(
      `INSERT INTO ${made} SELECT place + unnest(range(times)), source, value, changed FROM (
         SELECT each.* FROM (SELECT unnest(from_json($rows::JSON, ${literal(JSON.stringify([structure]))})) AS each))`,
      { rows: `[${waiting.join(',')}]` },
    );
    [waiting, characters, written] = [[], 0, added];
  }

  return {
    async add(rows) {
      for (const { source, value, times = 1 } of rows) {
        for (let left = times; left > 0; ) {
          const now = Math.min(left, rowsPerStatement - (added - written));
          const entry = JSON.stringify({ place: added, source, value, changed: value !== null, times: now });
          waiting.push(entry);
          characters += entry.length;
          added += now;
          left -= now;
          const isFull = waiting.length === entriesPerStatement || added - written === rowsPerStatement;
          if (isFull || characters >= charactersPerStatement) await write();
        }
      }
      beat();
    },
    async appended() {
      await write();
      if (column !== null) await settleRepeated(database, table, column, made, repeated);
      const name = names.table();
      const changed =
        column === null
          ? ''
          : `, CASE WHEN m.changed THEN m.value ELSE s.${column.field} END AS ${column.field}${
              column.textField === undefined
                ? ''
                : `, CASE WHEN NOT m.changed THEN s.${column.textField} END AS ${column.textField}`
            }`;
      await database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} ORDER BY row`);
      const [last] = await database.query<{ row: number }>(`SELECT max(row)::DOUBLE AS row FROM ${table.name}`);
      let next = (last!.row ?? -1) + 1;
      for (let start = 0; start < added; start += rowsPerStatement) {
        beat();
        const [{ count }] = (await database.query<{ count: number }>(
          `SELECT count(*)::DOUBLE AS count FROM ${made} WHERE place >= ${start} AND place < ${start + rowsPerStatement}`,
        )) as [{ count: number }];
        await database.query(
          `INSERT INTO ${name}
           SELECT s.* REPLACE (${next} + m.number AS row, ${literal(madeBy)} AS made_by, s.row AS source_row${changed})
           FROM (SELECT *, row_number() OVER (ORDER BY place) - 1 AS number FROM ${made}
                 WHERE place >= ${start} AND place < ${start + rowsPerStatement}) m
           JOIN ${table.name} s ON s.row = m.source
           ORDER BY m.number`,
        );
        next += count;
      }
      await database.query(`DROP TABLE ${made}`);
      return { ...table, name };
    },
  };
}

/** Of equal values that were made, the first stays. */
async function settleRepeated(
  database: DuckDb,
  table: RowTable,
  { field }: TableColumn,
  made: string,
  repeated: 'isLeftOut' | 'isItsSource',
): Promise<void> {
  const isRepeated = `changed AND (
    value IN (SELECT ${field} FROM ${table.name} WHERE ${field} IS NOT NULL)
    OR place NOT IN (SELECT min(place) FROM ${made} WHERE changed GROUP BY value))`;
  await database.query(
    repeated === 'isLeftOut'
      ? `DELETE FROM ${made} WHERE ${isRepeated}`
      : `UPDATE ${made} SET changed = false WHERE ${isRepeated}`,
  );
}
