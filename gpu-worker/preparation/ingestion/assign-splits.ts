import { createHash } from 'node:crypto';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { StoredSplit, StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { type DuckDb, identifier } from '../../../src/storage/duckdb.js';
import { divideByLargestRemainder } from './largest-remainder.js';
import { checkSplitNames } from './split-plan.js';
import { type StagedColumn, stagedTable, textOf, valueTextOf } from './staging.js';

/** A table with the split of each staged row, in the same order. */
export const assignedTable = 'assigned';

const maxStrata = 10_000;

/** Fills the assigned table; returns the splits in the order of the plan, with their counts. Throws ProblemsError. */
export async function assignSplits(
  database: DuckDb,
  columns: readonly StagedColumn[],
  plan: StoredSplitPlan,
): Promise<StoredSplit[]> {
  if (plan.splitColumn !== null)
    return assignByColumn(database, plan.splitColumn, textOf(columnOf(columns, plan.splitColumn)));
  const strata = await drawSplits(database, columns, plan, plan.seed ?? 0);
  const splits = await countSplits(database, plan);
  if (plan.stratifyBy !== null && emptyOf(splits).length > 0) {
    await checkStrata(database, columns, { ...plan, stratifyBy: plan.stratifyBy }, strata, splits);
  }
  return splits;
}

/**
 * Throws ProblemsError where splits are empty because of the strata: drawn without them, fewer are. Otherwise the
 * assigned table is left as it was.
 */
async function checkStrata(
  database: DuckDb,
  columns: readonly StagedColumn[],
  plan: StoredSplitPlan & { readonly stratifyBy: string },
  strata: number,
  splits: readonly StoredSplit[],
): Promise<void> {
  const stratified = 'stratified';
  await database.query(`ALTER TABLE ${assignedTable} RENAME TO ${stratified}`);
  await drawSplits(database, columns, { ...plan, stratifyBy: null }, plan.seed ?? 0);
  const plain = await countSplits(database, plan);
  const empty = emptyOf(splits);
  if (emptyOf(plain).length < empty.length) {
    const rows = splits.reduce((sum, { exampleCount }) => sum + exampleCount, 0);
    const names = empty.map(({ name }) => `“${name}”`).join(', ');
    const message = `Column “${plan.stratifyBy}”: ${strata} different values in ${rows} rows leave nothing for the ${empty.length === 1 ? 'split' : 'splits'} ${names}.`;
    const hint = 'Stratify by a column of few classes, or not at all.';
    throw new ProblemsError([problem(['split', 'stratifyBy'], 'INVALID_VALUE', message, hint)]);
  }
  await database.query(`DROP TABLE ${assignedTable}`);
  await database.query(`ALTER TABLE ${stratified} RENAME TO ${assignedTable}`);
}

function emptyOf(splits: readonly StoredSplit[]): StoredSplit[] {
  return splits.filter(({ exampleCount }) => exampleCount === 0);
}

async function assignByColumn(database: DuckDb, column: string, text: string): Promise<StoredSplit[]> {
  const values = await database.query<{ value: string | null; rows: number }>(
    `SELECT ${text} AS value, count(*)::DOUBLE AS rows FROM ${stagedTable} GROUP BY ALL ORDER BY value NULLS FIRST LIMIT 1000`,
  );
  checkSplitNames(column, values);
  await database.query(`CREATE TABLE ${assignedTable} AS SELECT ${text} AS split FROM ${stagedTable} ORDER BY rowid`);
  // In order of first appearance, which is the order in the file: mostly train first.
  return database.query<{ name: string; exampleCount: number }>(
    `SELECT split AS name, count(*)::DOUBLE AS "exampleCount" FROM ${assignedTable} GROUP BY split ORDER BY min(rowid)`,
  );
}

/**
 * Draws splits by hashes, so that the result depends only on seed and values, on any machine:
 *
 * 1. Rows that are equal in the `keepTogether` columns form a group; the group's key is a digest of their values.
 * 2. A group belongs to the stratum of its first row. The groups of a stratum are sorted by md5(seed, key).
 * 3. The stratum's rows are divided by largest remainder. A group goes to the split that contains its middle row, so
 *    splits of single rows have exactly their shares, and others miss them by at most half a group.
 *
 * Returns the number of strata.
 */
async function drawSplits(
  database: DuckDb,
  columns: readonly StagedColumn[],
  plan: StoredSplitPlan,
  seed: number,
): Promise<number> {
  const key =
    plan.keepTogether.length === 0
      ? 'rowid::VARCHAR'
      : keyOf(plan.keepTogether.map((name) => valueTextOf(columnOf(columns, name))));
  // The prefix “=” tells a text from a missing value, which is a stratum of its own.
  const stratum =
    plan.stratifyBy === null ? "''" : `coalesce('=' || ${textOf(columnOf(columns, plan.stratifyBy))}, '')`;
  await database.query(
    `CREATE TABLE members AS SELECT rowid AS number, md5(${key}) AS key, ${stratum} AS stratum FROM ${stagedTable}`,
  );
  await database.query(
    `CREATE TABLE groups AS
     SELECT key, stratum, size, sum(size) OVER (PARTITION BY stratum ORDER BY ticket, key ROWS UNBOUNDED PRECEDING) - size AS before
     FROM (
       SELECT key, arg_min(stratum, number) AS stratum, count(*) AS size, md5($seed || ':' || key) AS ticket
       FROM members GROUP BY key
     )`,
    { seed: String(seed) },
  );
  const strata = await database.query<{ stratum: string; rows: number }>(
    `SELECT stratum, sum(size)::DOUBLE AS rows FROM groups GROUP BY stratum ORDER BY stratum LIMIT ${maxStrata + 1}`,
  );
  if (strata.length > maxStrata) {
    const message = `Column “${plan.stratifyBy}” has more than ${maxStrata} different values.`;
    throw new ProblemsError([
      problem(['split', 'stratifyBy'], 'INVALID_VALUE', message, 'Stratify by a column of labels.'),
    ]);
  }
  await database.query(
    `CREATE TABLE ${assignedTable} AS
     SELECT splits.names[1 + len(list_filter(bounds.ends, upper -> 2 * upper <= 2 * groups.before + groups.size))] AS split
     FROM members
       JOIN groups USING (key)
       JOIN (SELECT unnest(from_json($bounds, '[{"stratum":"VARCHAR","ends":["BIGINT"]}]'), recursive := true)) AS bounds
         ON bounds.stratum = groups.stratum
       CROSS JOIN (SELECT from_json($names, '["VARCHAR"]') AS names) AS splits
     ORDER BY members.number`,
    {
      bounds: JSON.stringify(strata.map(({ stratum, rows }) => ({ stratum, ends: endsOf(stratum, rows, plan, seed) }))),
      names: JSON.stringify(plan.fractions.map(({ name }) => name)),
    },
  );
  await database.query('DROP TABLE members');
  await database.query('DROP TABLE groups');
  return strata.length;
}

/** Where each split ends among the rows of a stratum. */
function endsOf(stratum: string, rows: number, plan: StoredSplitPlan, seed: number): number[] {
  const tieOrder = plan.fractions.map(({ name }) =>
    createHash('sha256')
      .update(JSON.stringify([seed, stratum, name]))
      .digest()
      .readUInt32BE(0),
  );
  const shares = divideByLargestRemainder(
    rows,
    plan.fractions.map(({ fraction }) => fraction),
    tieOrder,
  );
  let end = 0;
  return shares.map((share) => {
    end += share;
    return end;
  });
}

/** A text that is equal only for equal values: each value is preceded by its length, and a missing value is marked. */
function keyOf(texts: readonly string[]): string {
  const parts = texts.map((text) => `coalesce(strlen(${text}) || ':' || ${text}, '-')`);
  // One function call, because operators would nest as deep as there are columns, and the parser accepts at most 1,000
  // levels.
  return `concat(${parts.join(", '|', ")})`;
}

/** The splits in the order of the plan, with their counts. */
async function countSplits(database: DuckDb, { fractions }: StoredSplitPlan): Promise<StoredSplit[]> {
  const rows = await database.query<{ split: string; rows: number }>(
    `SELECT split, count(*)::DOUBLE AS rows FROM ${assignedTable} GROUP BY split`,
  );
  const counts = new Map(rows.map(({ split, rows: count }) => [split, count]));
  return fractions.map(({ name }) => ({ name, exampleCount: counts.get(name) ?? 0 }));
}

function columnOf(columns: readonly StagedColumn[], name: string): StagedColumn {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`the split plan names a column that is not staged: ${identifier(name)}`);
  return column;
}
