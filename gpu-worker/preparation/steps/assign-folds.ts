import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { AssignFolds } from '../../../src/protocol/preparation/steps/splits.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumn, namedColumns } from '../columns-of-step.js';
import type { RunStep, TableColumn } from '../row-table.js';
import { labelsOf, sharedKeyOf } from '../splits/column-texts.js';
import { drawUnits } from '../splits/draw-units.js';
import { refuse } from '../splits/refuse.js';
import { dropLinks, keptTogether, linksOf } from '../splits/rows-to-draw.js';
import { requireSplits } from '../splits/splits-of-rows.js';
import { unitsOfRows } from '../splits/units-of-rows.js';

export const runAssignFolds: RunStep<AssignFolds> = async (step, table, tools) => {
  refuse(checkSplitStep(step));
  const { database, names, beat } = tools;
  const taken = table.columns.map(({ name }) => name);
  refuse(checkNewColumnName(step.column, taken, ['column']));
  if (step.ofSplits !== null) await requireSplits(tools, table, step.ofSplits, ['ofSplits']);
  const stratum = step.stratifyBy === null ? null : namedColumn(table, step.stratifyBy, null, ['stratifyBy']);
  const together = keptTogether(table, step.keepTogether);
  const groups = namedColumns(table, step.groupBy, null, ['groupBy']);
  const links = await linksOf(tools, table, [together, groups], step.nearDuplicates);
  const condition = step.ofSplits === null ? 'true' : `t.split IN (${step.ofSplits.map(literal).join(', ')})`;
  const [all, units] = [names.table(), names.table()];
  await unitsOfRows(database, table.name, links, all, beat);
  await dropLinks(tools, links);
  await database.query(
    `CREATE TABLE ${units} AS SELECT u.row, u.unit FROM ${all} u JOIN ${table.name} t USING (row) WHERE ${condition}`,
  );
  await requireUnits(step, units, tools);
  const drawn = names.table();
  await drawUnits(
    database,
    {
      units,
      table: table.name,
      labels:
        stratum === null ? null : { list: labelsOf(stratum), from: { column: stratum.name, path: ['stratifyBy'] } },
      identity: together.length === 0 ? 't.row::VARCHAR' : `coalesce(${sharedKeyOf(together)}, t.row::VARCHAR)`,
    },
    {
      fractions: new Array<number>(step.folds).fill(1 / step.folds),
      seed: step.seed,
      order: step.stratifyPairs ? 2 : 1,
      coverLabels: true,
    },
    drawn,
    beat,
  );
  const name = names.table();
  const field = names.field();
  await database.query(
    `CREATE TABLE ${name} AS SELECT t.*, d.part::BIGINT AS ${field} FROM ${table.name} t LEFT JOIN ${drawn} d USING (row)`,
  );
  for (const each of [all, units, drawn]) await database.query(`DROP TABLE ${each}`);
  const fold: TableColumn = { name: step.column, type: 'INTEGER', field };
  return { table: { name, columns: [...table.columns, fold] }, found: [fold] };
};

/** @throws ProblemsError for more folds than there are rows, or groups of rows, to divide */
async function requireUnits(
  { folds, groupBy }: AssignFolds,
  units: string,
  { database }: Parameters<typeof runAssignFolds>[2],
): Promise<void> {
  const [found] = await database.query<{ units: number; rows: number }>(
    `SELECT count(DISTINCT unit)::DOUBLE AS units, count(*)::DOUBLE AS rows FROM ${units}`,
  );
  if (found!.units >= folds) return;
  const groups = found!.units < found!.rows ? `, in ${found!.units} groups that stay together,` : '';
  const message = `${found!.rows} rows${groups} are too few for ${folds} folds.`;
  const hint = groupBy.length > 0 ? 'Have fewer folds, or group by a column with more values.' : 'Have fewer folds.';
  throw new ProblemsError([problem(['folds'], 'INVALID_VALUE', message, hint)]);
}
