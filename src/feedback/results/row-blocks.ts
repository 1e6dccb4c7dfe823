import type { DataSource } from 'typeorm';
import { inSnapshot } from '../../database/in-snapshot.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { Query } from '../../protocol/sql/query.js';
import { resultLimits } from './result-limits.js';

/** A statement, and what its rows are. */
export interface Reading<Row> {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Characters of what may be long in a row. */
  readonly charactersOf?: (row: Row) => number;
}

/** So many rows are read at a time: few enough that requests do not wait while they are parsed and copied. */
const rowsABlock = 1_000;

/**
 * The rows of a statement, block by block: never all of them at once.
 * @param query of a transaction, in which no other statement of the kind is read at this moment
 * @throws ProblemsError TOO_LARGE where they have more characters than are read
 */
export async function* rowBlocks<Row>(query: Query, reading: Reading<Row>): AsyncGenerator<Row[]> {
  const { sql, parameters, charactersOf } = reading;
  let characters = 0;
  await query(`DECLARE feedback_rows NO SCROLL CURSOR FOR ${sql}`, parameters);
  for (;;) {
    const rows = await query<Row>(`FETCH ${rowsABlock} FROM feedback_rows`);
    if (charactersOf !== undefined) for (const row of rows) characters += charactersOf(row);
    if (characters > resultLimits.maxCharacters) throw tooMany;
    if (rows.length > 0) yield rows;
    if (rows.length < rowsABlock) break;
  }
  await query('CLOSE feedback_rows');
}

/** Gives all rows of a statement, as they are at one moment. */
export function giveRows<Row>(
  dataSource: DataSource,
  reading: Reading<Row>,
  give: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  return inSnapshot(dataSource, async (query) => {
    for await (const rows of rowBlocks(query, reading)) await give(rows);
  });
}

const tooMany = new ProblemsError([
  problem(
    [],
    'TOO_LARGE',
    `The answers have more than ${resultLimits.maxCharacters} characters, and statistics are computed of fewer.`,
    'Export the answers, and compute it elsewhere.',
  ),
]);
