import type { DuckDb } from '../../../src/storage/duckdb.js';

/** Shares sent to DuckDB with one statement, as JSON. */
const pageShares = 50_000;

/**
 * Makes the table `into (kind BIGINT, ends INTEGER[])`: where each split ends among the units of a kind.
 * @param shares how many units of each kind each split has `[K, splits]`
 */
export async function sendShares(
  database: DuckDb,
  shares: Int32Array,
  splits: number,
  into: string,
  beat: () => void,
): Promise<void> {
  await database.query(`CREATE TABLE ${into} (kind BIGINT, ends INTEGER[])`);
  const kinds = shares.length / splits;
  for (let start = 0; start < kinds; start += pageShares) {
    const page: { readonly kind: number; readonly ends: readonly number[] }[] = [];
    for (let kind = start; kind < Math.min(kinds, start + pageShares); kind++) {
      const ends: number[] = [];
      let end = 0;
      for (let split = 0; split < splits; split++) {
        end += shares[kind * splits + split]!;
        ends.push(end);
      }
      page.push({ kind, ends });
    }
    await database.query(
      `INSERT INTO ${into} SELECT pair.kind, pair.ends
       FROM (SELECT unnest(from_json($page, '[{"kind":"BIGINT","ends":["INTEGER"]}]')) AS pair)`,
      { page: JSON.stringify(page) },
    );
    beat();
  }
}
