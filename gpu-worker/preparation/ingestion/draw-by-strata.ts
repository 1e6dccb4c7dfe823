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
 * 2. A group belongs to the stratum of its first row. The groups of a stratum are sorted by their tickets, which are
 *    md5(seed, key).
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
  const members = `${into}_members`;
  const places = `${into}_places`;
  // Digests are sorted in a quarter of the time as UUIDs, which are numbers of 128 bits in the order of their texts.
  // The prefix “=” tells a text from a missing value, which is a stratum of its own.
  await database.query(
    `CREATE TABLE ${members} AS
     SELECT ${rows.number} AS number, CAST(md5($seed || ':' || md5(${key})) AS UUID) AS ticket,
       ${rows.stratum === null ? "''" : `coalesce('=' || ${rows.stratum.text}, '')`} AS stratum
     FROM ${rows.table} WHERE ${rows.condition ?? 'true'}`,
    { seed: String(plan.seed) },
  );
  // As many rows of the stratum come before a group as have a lower ticket; twice its middle is that and what ends with
  // the group. Rows with equal tickets are peers, which a range includes.
  const ofGroups = `(SELECT number, ticket, first_value(stratum) OVER (PARTITION BY ticket ORDER BY number) AS stratum FROM ${members})`;
  await database.query(
    `CREATE TABLE ${places} AS
     SELECT number, stratum, rank() OVER lower - 1 + count(*) OVER lower AS twice_middle
     FROM ${rows.stratum === null ? members : ofGroups}
     WINDOW lower AS (${rows.stratum === null ? '' : 'PARTITION BY stratum '}ORDER BY ticket RANGE UNBOUNDED PRECEDING)`,
  );
  const strata = await database.query<{ stratum: string; rows: number }>(
    `SELECT stratum, count(*)::DOUBLE AS rows FROM ${places} GROUP BY stratum ORDER BY stratum LIMIT ${maxStrata + 1}`,
  );
  if (strata.length > maxStrata) {
    const message = `Column “${rows.stratum?.column}” has more than ${maxStrata} different values.`;
    const hint = 'Stratify by a column of labels.';
    throw new ProblemsError([problem(rows.stratum?.path ?? [], 'INVALID_VALUE', message, hint)]);
  }
  await database.query(
    `CREATE TABLE ${into} AS
     SELECT p.number, splits.names[1 + len(list_filter(bounds.ends, upper -> 2 * upper <= p.twice_middle))] AS split
     FROM ${places} p
       JOIN (SELECT unnest(from_json($bounds, '[{"stratum":"VARCHAR","ends":["BIGINT"]}]'), recursive := true)) AS bounds
         ON bounds.stratum = p.stratum
       CROSS JOIN (SELECT from_json($names, '["VARCHAR"]') AS names) AS splits
     ORDER BY p.number`,
    {
      bounds: JSON.stringify(
        strata.map((each) => ({ stratum: each.stratum, ends: endsOf(each.stratum, each.rows, plan) })),
      ),
      names: JSON.stringify(plan.fractions.map(({ name }) => name)),
    },
  );
  await database.query(`DROP TABLE ${members}`);
  await database.query(`DROP TABLE ${places}`);
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
