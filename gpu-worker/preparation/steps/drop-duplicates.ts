import { textTypes } from '../../../src/preparation/checks/named-columns.js';
import { namesHint } from '../../../src/problems/closest-name.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type DropDuplicates, usualNearMatch } from '../../../src/protocol/preparation/steps/duplicates.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import { namedColumns } from '../columns-of-step.js';
import { rowsThatGo } from '../duplicates/choose-kept.js';
import { rowsOfTable, textOf } from '../duplicates/compared-rows.js';
import { equalReasons, findEqualCopies } from '../duplicates/find-copies.js';
import { findNearCopies, findNearMatches, readForNearCopies } from '../duplicates/near-copies.js';
import { explainFirst, nearReason } from '../duplicates/near-reasons.js';
import { rowsBesideVersions } from '../duplicates/rows-of-versions.js';
import type { RowTable, RunStep, StepOutcome, StepTools, TableColumn } from '../row-table.js';

export const runDropDuplicates: RunStep<DropDuplicates> = async (step, table, tools) => {
  const columns = namedColumns(table, step.columns, step.match === 'exact' ? null : textTypes);
  const { scope } = step;
  switch (scope) {
    case 'rows':
    case 'splits':
      if (step.splitOrder.length > 0) await requireSplits(tools.database, table, step.splitOrder);
      return dropAmong({ ...step, scope }, table, columns, tools);
    case 'versions':
      return dropCopiesOfVersions(step, table, columns, tools);
    default:
      return scope satisfies never;
  }
};

async function dropAmong(
  step: DropDuplicates & { readonly scope: 'rows' | 'splits' },
  table: RowTable,
  columns: readonly TableColumn[],
  tools: StepTools,
): Promise<StepOutcome> {
  const { database, names } = tools;
  const { match, near } = step;
  const compared = await rowsOfTable(database, table, columns);
  const read = match === 'near' ? await readForNearCopies(compared, near ?? usualNearMatch, tools) : null;
  const copies = match === 'near' ? await findNearCopies(read!, tools) : await findEqualCopies(match, compared, tools);
  const notes = names.table();
  const reason = match === 'near' ? nearReason : equalReasons[match];
  const go = rowsThatGo(step, copies, table.name, textOf(columns));
  await database.query(`CREATE TABLE ${notes} AS SELECT row, other_row, ${literal(reason)} AS reason FROM (${go})`);
  await database.query(`DROP TABLE ${copies}`);
  if (read !== null) await explainFirst(database, notes, read);
  return without(table, notes, tools);
}

async function dropCopiesOfVersions(
  { match, near, versions }: DropDuplicates,
  table: RowTable,
  columns: readonly TableColumn[],
  tools: StepTools,
): Promise<StepOutcome> {
  const { database, names } = tools;
  const compared = await rowsBesideVersions(table, columns, versions, tools);
  const matches =
    match === 'near'
      ? await findNearMatches(await readForNearCopies(compared, near ?? usualNearMatch, tools), compared.own, tools)
      : await matchesOf(await findEqualCopies(match, compared, tools), tools);
  const notes = names.table();
  const ids = `[${versions.map(({ datasetVersionId }) => literal(datasetVersionId)).join(', ')}]`;
  const reason = `concat('It is a copy of row ', other_row, ' of the dataset version ', ${ids}[other_source], '.')`;
  // The row that it doubles is none of this preparation's.
  await database.query(
    `CREATE TABLE ${notes} AS SELECT row, NULL::BIGINT AS other_row, ${reason} AS reason FROM ${matches}`,
  );
  await database.query(`DROP TABLE ${matches}`);
  return without(table, notes, tools);
}

/** Of sets of copies that hold rows of other versions, each own row and the first of the others. */
async function matchesOf(copies: string, { database, names }: StepTools): Promise<string> {
  const matches = names.table();
  await database.query(
    `CREATE TABLE ${matches} AS
     WITH others AS (SELECT cluster, min({source: source, row: row}) AS first FROM ${copies} WHERE source > 0 GROUP BY cluster)
     SELECT c.row, first.source AS other_source, first.row AS other_row
     FROM ${copies} c JOIN others USING (cluster) WHERE c.source = 0`,
  );
  await database.query(`DROP TABLE ${copies}`);
  return matches;
}

/** The table without the rows of the notes. */
async function without(table: RowTable, notes: string, { database, names }: StepTools): Promise<StepOutcome> {
  const name = names.table();
  await database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} ANTI JOIN ${notes} USING (row)`);
  return { table: { ...table, name }, notes, onlyDrops: true };
}

/** @throws ProblemsError UNKNOWN_SPLIT */
async function requireSplits(database: DuckDb, table: RowTable, order: readonly string[]): Promise<void> {
  const present = await database.query<{ split: string }>(
    `SELECT DISTINCT split FROM ${table.name} WHERE split IS NOT NULL ORDER BY split`,
  );
  const names = present.map(({ split }) => split);
  const path = ['splitOrder'];
  if (names.length === 0) {
    const message = 'The rows have no splits at this step.';
    const hint = 'Put a step that draws splits before it, or prepare rows that have splits.';
    throw new ProblemsError([problem(path, 'UNKNOWN_SPLIT', message, hint)]);
  }
  const problems = order.flatMap((split, i) => {
    if (names.includes(split)) return [];
    return [
      problem([...path, String(i)], 'UNKNOWN_SPLIT', `No row has the split “${split}”.`, namesHint(split, names)),
    ];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}
