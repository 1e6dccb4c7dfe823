import { createHash } from 'node:crypto';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import { divideByLargestRemainder } from './largest-remainder.js';

export const maxStrata = 10_000;

/** Rows to draw, as SQL over a table. */
export interface RowsToDraw {
  readonly table: string;
  /** Which of its rows; default: all. */
  readonly condition?: string;
  /** The row's number: whole, and unique. */
  readonly number: string;
  /** Texts of the values by which rows are one unit; with none, each row is a unit of its own. */
  readonly keys: readonly string[];
  /** The text of the value that is the row's stratum; a missing one is a stratum of its own. */
  readonly stratum: { readonly text: string; readonly column: string; readonly path: readonly string[] } | null;
}

export interface StrataPlan {
  readonly fractions: readonly { readonly name: string; readonly fraction: number }[];
  readonly seed: number;
  /** Whether a stratum of at least as many rows as there are splits gives each split one. */
  readonly atLeastOne: boolean;
}

/**
 * Draws splits by hashes, so that the result depends only on seed and values, on any machine:
 *
 * 1. Rows that are equal in their keys form a group; the group's key is a digest of their values.
 * 2. A group belongs to the stratum of its first row. The groups of a stratum are sorted by md5(seed, key).
 * 3. The stratum's rows are divided by largest remainder. A group goes to the split that contains its middle row, so
 *    splits of single rows have exactly their shares, and others miss them by at most half a group.
 *
 * Makes the table `into` with the `number` and `split` of each row, in the order of the numbers; returns how many
 * strata there are. Throws ProblemsError for too many.
 */
export async function drawByStrata(
  database: DuckDb,
  rows: RowsToDraw,
  plan: StrataPlan,
  into: string,
): Promise<number> {
  const key = rows.keys.length === 0 ? `(${rows.number})::VARCHAR` : keyOf(rows.keys);
  // The prefix “=” tells a text from a missing value, which is a stratum of its own.
  const stratum = rows.stratum === null ? "''" : `coalesce('=' || ${rows.stratum.text}, '')`;
  const members = `${into}_members`;
  const groups = `${into}_groups`;
  await database.query(
    `CREATE TABLE ${members} AS SELECT ${rows.number} AS number, md5(${key}) AS key, ${stratum} AS stratum
     FROM ${rows.table} WHERE ${rows.condition ?? 'true'}`,
  );
  await database.query(
    `CREATE TABLE ${groups} AS
     SELECT key, stratum, size, sum(size) OVER (PARTITION BY stratum ORDER BY ticket, key ROWS UNBOUNDED PRECEDING) - size AS before
     FROM (
       SELECT key, arg_min(stratum, number) AS stratum, count(*) AS size, md5($seed || ':' || key) AS ticket
       FROM ${members} GROUP BY key
     )`,
    { seed: String(plan.seed) },
  );
  const strata = await database.query<{ stratum: string; rows: number }>(
    `SELECT stratum, sum(size)::DOUBLE AS rows FROM ${groups} GROUP BY stratum ORDER BY stratum LIMIT ${maxStrata + 1}`,
  );
  if (strata.length > maxStrata) {
    const message = `Column “${rows.stratum?.column}” has more than ${maxStrata} different values.`;
    const hint = 'Stratify by a column of labels.';
    throw new ProblemsError([problem(rows.stratum?.path ?? [], 'INVALID_VALUE', message, hint)]);
  }
  await database.query(
    `CREATE TABLE ${into} AS
     SELECT m.number, splits.names[1 + len(list_filter(bounds.ends, upper -> 2 * upper <= 2 * g.before + g.size))] AS split
     FROM ${members} m
       JOIN ${groups} g USING (key)
       JOIN (SELECT unnest(from_json($bounds, '[{"stratum":"VARCHAR","ends":["BIGINT"]}]'), recursive := true)) AS bounds
         ON bounds.stratum = g.stratum
       CROSS JOIN (SELECT from_json($names, '["VARCHAR"]') AS names) AS splits
     ORDER BY m.number`,
    {
      bounds: JSON.stringify(
        strata.map((each) => ({ stratum: each.stratum, ends: endsOf(each.stratum, each.rows, plan) })),
      ),
      names: JSON.stringify(plan.fractions.map(({ name }) => name)),
    },
  );
  await database.query(`DROP TABLE ${members}`);
  await database.query(`DROP TABLE ${groups}`);
  return strata.length;
}

/** Where each split ends among the rows of a stratum. */
function endsOf(stratum: string, rows: number, { fractions, seed, atLeastOne }: StrataPlan): number[] {
  const tieOrder = fractions.map(({ name }) =>
    createHash('sha256')
      .update(JSON.stringify([seed, stratum, name]))
      .digest()
      .readUInt32BE(0),
  );
  const divided = divideByLargestRemainder(
    rows,
    fractions.map(({ fraction }) => fraction),
    tieOrder,
  );
  const shares = atLeastOne && rows >= fractions.length ? withoutZeros(divided) : divided;
  let end = 0;
  return shares.map((share) => {
    end += share;
    return end;
  });
}

/** Gives each share that is zero one of the largest. Their sum is at least their number. */
function withoutZeros(shares: readonly number[]): number[] {
  const raised = [...shares];
  for (const [i, share] of shares.entries()) {
    if (share > 0) continue;
    raised[raised.indexOf(Math.max(...raised))]!--;
    raised[i] = 1;
  }
  return raised;
}

/** A text that is equal only for equal values: each value is preceded by its length, and a missing value is marked. */
export function keyOf(texts: readonly string[]): string {
  const parts = texts.map((text) => `coalesce(strlen(${text}) || ':' || ${text}, '-')`);
  // One function call, because operators would nest as deep as there are columns, and the parser accepts at most 1,000
  // levels.
  return `concat(${parts.join(", '|', ")})`;
}
