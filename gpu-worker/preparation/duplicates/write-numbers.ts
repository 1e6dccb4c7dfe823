import type { DuckDb } from '../../../src/storage/duckdb.js';

/** How many rows are written by one statement. */
const rowsAtOnce = 50_000;

/** Creates a table of whole numbers from its columns, which are equally long. */
export async function writeNumbers(
  database: DuckDb,
  table: string,
  columns: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const names = Object.keys(columns);
  const numbers = Object.values(columns);
  await database.query(`CREATE TABLE ${table} (${names.map((name) => `${name} BIGINT`).join(', ')})`);
  const values = names.map((name) => `unnest(from_json($${name}, '["BIGINT"]'))`).join(', ');
  for (let begin = 0; begin < numbers[0]!.length; begin += rowsAtOnce) {
    const written = names.map((name, i) => [name, JSON.stringify(numbers[i]!.slice(begin, begin + rowsAtOnce))]);
    await database.query(`INSERT INTO ${table} SELECT ${values}`, Object.fromEntries(written));
  }
}
