import { maxExamples } from '../../../src/protocol/preparation/step-report.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import type { ReadForNearCopies } from './near-copies.js';

/** What is said of near copies beyond the first. */
export const nearReason = 'The two are near copies, or hang together by near copies.';

/** Says of the first rows of the notes, which are those that are shown, how similar they are to the row that stays. */
export async function explainFirst(
  database: DuckDb,
  notes: string,
  { index: { sets, parameters }, places: { rows } }: ReadForNearCopies,
): Promise<void> {
  if (sets === null) return;
  const first = await database.query<{ row: bigint; other_row: bigint }>(
    `SELECT row, other_row FROM ${notes} ORDER BY row LIMIT ${maxExamples}`,
  );
  for (const { row, other_row } of first) {
    const similarity = sets.jaccard(rows.indexOf(Number(row)), rows.indexOf(Number(other_row)));
    const share = `${Math.floor(similarity * 100)} %`;
    const reason =
      similarity >= parameters.threshold
        ? `Of the shingles of both, the two share ${share}.`
        : `The two hang together by near copies; of the shingles of both, they share ${share}.`;
    await database.query(`UPDATE ${notes} SET reason = ${literal(reason)} WHERE row = ${row}`);
  }
}
