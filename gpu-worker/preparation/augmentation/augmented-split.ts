import { namesHint } from '../../../src/problems/closest-name.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import type { RowTable } from '../row-table.js';

/**
 * Sees to it that rows have splits, and that the one that is augmented is among them: where splits are drawn later, a
 * copy could come into another split than its source, and a test would ask for what was learned.
 *
 * @returns how many rows the split has that no step made
 * @throws ProblemsError UNKNOWN_SPLIT
 */
export async function requireSplit(database: DuckDb, { name }: RowTable, split: string): Promise<number> {
  const splits = await database.query<{ split: string; rows: number }>(
    `SELECT split, count(*) FILTER (made_by IS NULL)::DOUBLE AS rows FROM ${name}
     WHERE split IS NOT NULL GROUP BY split ORDER BY split`,
  );
  const found = splits.find((each) => each.split === split);
  if (found !== undefined) return found.rows;
  const names = splits.map((each) => each.split);
  if (names.length > 0) {
    const message = `No row has the split “${split}” at this step.`;
    throw new ProblemsError([problem(['split'], 'UNKNOWN_SPLIT', message, namesHint(split, names))]);
  }
  const message =
    'The rows have no splits at this step, so that copies of a row could come into another split than it.';
  const hint = 'Put a step that assigns splits before this one, such as drawSplits, or prepare rows that have splits.';
  throw new ProblemsError([problem(['split'], 'UNKNOWN_SPLIT', message, hint)]);
}
