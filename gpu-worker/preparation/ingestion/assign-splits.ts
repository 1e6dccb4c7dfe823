import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { StoredSplit, StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { type DuckDb, identifier } from '../../../src/storage/duckdb.js';
import { drawByStrata } from './draw-by-strata.js';
import { checkSplitNames } from './split-plan.js';
import { type StagedColumn, stagedTable, textOf, valueTextOf } from './staging.js';

/** A table with the split of each staged row, in the same order. */
export const assignedTable = 'assigned';

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
    const nothingLeft = `leave nothing for the ${empty.length === 1 ? 'split' : 'splits'} ${names}.`;
    const values = await countValues(database, columns, plan.stratifyBy);
    const together = plan.keepTogether.map((name) => `“${name}”`).join(', ');
    // As many strata as values: what is kept together has hardly changed them.
    const message =
      values === strata
        ? `Column “${plan.stratifyBy}”: ${strata} different values in ${rows} rows ${nothingLeft}`
        : `Rows that are equal in ${together} stay together. Their groups, stratified by “${plan.stratifyBy}” (${strata} different values among their first rows), ${nothingLeft}`;
    const hint =
      values === strata
        ? 'Stratify by a column of few classes, or not at all.'
        : 'Keep smaller groups together (`keepTogether`), stratify by a column of few classes, or do not stratify.';
    throw new ProblemsError([problem(['split', 'stratifyBy'], 'INVALID_VALUE', message, hint)]);
  }
  await database.query(`DROP TABLE ${assignedTable}`);
  await database.query(`ALTER TABLE ${stratified} RENAME TO ${assignedTable}`);
}

/** How many different values a column has, a missing one among them. */
async function countValues(database: DuckDb, columns: readonly StagedColumn[], name: string): Promise<number> {
  const text = textOf(columnOf(columns, name));
  const [found] = await database.query<{ values: number }>(
    `SELECT (count(DISTINCT ${text}) + coalesce(max((${text} IS NULL)::INTEGER), 0))::DOUBLE AS values FROM ${stagedTable}`,
  );
  return found!.values;
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

/** Fills the assigned table by lot; returns the number of strata. */
function drawSplits(
  database: DuckDb,
  columns: readonly StagedColumn[],
  { keepTogether, stratifyBy, fractions }: StoredSplitPlan,
  seed: number,
): Promise<number> {
  const path = ['split', 'stratifyBy'];
  return drawByStrata(
    database,
    {
      table: stagedTable,
      number: 'rowid',
      keys: keepTogether.map((name) => valueTextOf(columnOf(columns, name))),
      stratum: stratifyBy === null ? null : { text: textOf(columnOf(columns, stratifyBy)), column: stratifyBy, path },
    },
    { fractions, seed, atLeastOne: false },
    assignedTable,
  );
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
