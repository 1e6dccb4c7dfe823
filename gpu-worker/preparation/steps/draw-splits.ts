import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import { problem } from '../../../src/problems/problem.js';
import { isListType } from '../../../src/protocol/datasets/column-type.js';
import type { DrawSplits } from '../../../src/protocol/preparation/steps/splits.js';
import { namedColumn, namedColumns } from '../columns-of-step.js';
import { drawByStrata } from '../ingestion/draw-by-strata.js';
import type { RowTable, RunStep, StepTools, TableColumn } from '../row-table.js';
import { equalityTextOf, labelsOf, nameTextOf, sharedKeyOf } from '../splits/column-texts.js';
import { drawUnits } from '../splits/draw-units.js';
import { missingLabels } from '../splits/missing-labels.js';
import { refuse } from '../splits/refuse.js';
import { drawnRows, dropLinks, keptTogether, linksOf, unitsToDraw } from '../splits/rows-to-draw.js';
import { requireSplits, splitsOf, withSplits } from '../splits/splits-of-rows.js';
import type { RowLink } from '../splits/units-of-rows.js';
import { counted, named } from '../wording.js';

/** How many missing labels a problem names. */
const shownLabels = 5;

export const runDrawSplits: RunStep<DrawSplits> = async (step, table, tools) => {
  refuse(checkSplitStep(step));
  const { database } = tools;
  if (step.fromSplits !== null) await requireSplits(tools, table, step.fromSplits, ['fromSplits']);
  const stratum = step.stratifyBy === null ? null : namedColumn(table, step.stratifyBy, null, ['stratifyBy']);
  const together = keptTogether(table, step.keepTogether);
  const groups = namedColumns(table, step.groupBy, null, ['groupBy']);
  const links = await linksOf(tools, table, [together, groups], step.nearDuplicates);
  const condition = drawnRows(step);
  const isPlain = links.length === (together.length > 0 ? 1 : 0) && groups.length === 0 && step.nearDuplicates === null;
  const drawBy = async (by: TableColumn | null): Promise<RowTable> => {
    const how = { stratum: by, together, links, condition };
    const isRowwise = isPlain && (by === null || !isListType(by.type));
    const assigned = await (isRowwise ? drawRows : drawWhole)(step, table, how, tools);
    const drawn = await withSplits(tools, table, assigned);
    await database.query(`DROP TABLE ${assigned}`);
    return drawn;
  };
  const drawn = await drawBy(stratum);
  const empty = await emptySplits(step, drawn, tools);
  if (stratum !== null && empty.length > 0) {
    // What stratification has emptied is filled without it.
    const plain = await drawBy(null);
    const emptyWithout = await emptySplits(step, plain, tools);
    if (emptyWithout.length < empty.length) await refuseStratum(table, stratum, condition, empty, tools);
    await database.query(`DROP TABLE ${plain.name}`);
  }
  await dropLinks(tools, links);
  refuseEmpty(step, empty);
  await checkLabels(step, drawn, stratum, tools);
  return { table: drawn };
};

interface HowDrawn {
  readonly stratum: TableColumn | null;
  readonly together: readonly TableColumn[];
  readonly links: readonly RowLink[];
  readonly condition: string | null;
}

/** By strata of one label each, as files are divided that come without a recipe; makes a table of `row` and `split`. */
async function drawRows(
  { fractions, seed, coverLabels, stratifyBy }: DrawSplits,
  table: RowTable,
  { stratum, together, links, condition }: HowDrawn,
  tools: StepTools,
): Promise<string> {
  const { database, names } = tools;
  const found = condition === null ? null : await unitsToDraw(tools, table, links, condition);
  const drawn = names.table();
  await drawByStrata(
    database,
    {
      table: `${table.name} t`,
      ...(found === null ? {} : { condition: `t.row IN (SELECT row FROM ${found.units})` }),
      number: 't.row',
      keys: together.map(equalityTextOf),
      stratum: stratum === null ? null : { text: nameTextOf(stratum), column: stratifyBy!, path: ['stratifyBy'] },
    },
    { fractions, seed, atLeastOne: coverLabels },
    drawn,
  );
  const assigned = names.table();
  const attached = found === null ? '' : `UNION ALL SELECT row, split FROM ${found.attached}`;
  await database.query(`CREATE TABLE ${assigned} AS SELECT number AS row, split FROM ${drawn} ${attached}`);
  for (const each of [drawn, ...(found === null ? [] : [found.units, found.attached])]) {
    await database.query(`DROP TABLE ${each}`);
  }
  return assigned;
}

/** By units and all their labels; makes a table of `row` and `split`. */
async function drawWhole(
  step: DrawSplits,
  table: RowTable,
  { stratum, together, links, condition }: HowDrawn,
  tools: StepTools,
): Promise<string> {
  const { database, names, beat } = tools;
  const { units, attached } = await unitsToDraw(tools, table, links, condition);
  const drawn = names.table();
  const from = { column: step.stratifyBy ?? '', path: ['stratifyBy'] };
  await drawUnits(
    database,
    {
      units,
      table: table.name,
      labels: stratum === null ? null : { list: labelsOf(stratum), from },
      identity: together.length === 0 ? 't.row::VARCHAR' : `coalesce(${sharedKeyOf(together)}, t.row::VARCHAR)`,
    },
    {
      fractions: step.fractions.map(({ fraction }) => fraction),
      seed: step.seed,
      order: step.stratifyPairs ? 2 : 1,
      coverLabels: step.coverLabels,
    },
    drawn,
    beat,
  );
  const assigned = names.table();
  await database.query(
    `CREATE TABLE ${assigned} AS
     SELECT row, from_json($names, '["VARCHAR"]')[part + 1] AS split FROM ${drawn}
     UNION ALL SELECT row, split FROM ${attached}`,
    { names: JSON.stringify(step.fractions.map(({ name }) => name)) },
  );
  for (const each of [units, attached, drawn]) await database.query(`DROP TABLE ${each}`);
  return assigned;
}

/** The names of the splits that get no rows, in the order of the step. */
async function emptySplits({ fractions }: DrawSplits, drawn: RowTable, tools: StepTools): Promise<string[]> {
  const found = await splitsOf(tools, drawn);
  return fractions.map(({ name }) => name).filter((name) => !found.includes(name));
}

/** @throws ProblemsError always: the column has too many different values for its rows to fill all splits */
async function refuseStratum(
  table: RowTable,
  stratum: TableColumn,
  condition: string | null,
  empty: readonly string[],
  { database }: StepTools,
): Promise<void> {
  const [found] = await database.query<{ rows: number; labels: number }>(
    `SELECT (SELECT count(*) FROM ${table.name} t WHERE ${condition ?? 'true'})::DOUBLE AS rows, count(*)::DOUBLE AS labels
     FROM (SELECT DISTINCT unnest(${labelsOf(stratum)}) FROM ${table.name} t WHERE ${condition ?? 'true'})`,
  );
  const message = `Column “${stratum.name}”: ${counted(found!.labels, 'different value')} in ${counted(found!.rows, 'row')} leave nothing for the ${empty.length === 1 ? 'split' : 'splits'} ${named(empty)}.`;
  const hint = 'Stratify by a column of few classes, or not at all.';
  refuse([problem(['stratifyBy'], 'INVALID_VALUE', message, hint)]);
}

/** @throws ProblemsError EMPTY_SPLIT */
function refuseEmpty({ fractions }: DrawSplits, empty: readonly string[]): void {
  refuse(
    fractions.flatMap(({ name }, i) => {
      if (!empty.includes(name)) return [];
      const message = `No row is left for the split “${name}”.`;
      const hint = 'Give it a greater fraction, have fewer splits, or draw smaller groups.';
      return [problem(['fractions', String(i)], 'EMPTY_SPLIT', message, hint)];
    }),
  );
}

/** @throws ProblemsError EMPTY_SPLIT for labels that a split lacks if that is refused */
async function checkLabels(
  step: DrawSplits,
  drawn: RowTable,
  stratum: TableColumn | null,
  tools: StepTools,
): Promise<void> {
  if (stratum === null || !step.refuseMissingLabels) return;
  const names = step.fractions.map(({ name }) => name);
  const missing = await missingLabels(tools.database, drawn.name, labelsOf(stratum), names, shownLabels + 1);
  if (missing.length === 0) return;
  const shown = missing
    .slice(0, shownLabels)
    .map(({ label, split, rows }) => `“${label}” (${rows} ${rows === 1 ? 'row' : 'rows'}) in “${split}”`);
  const more = missing.length > shownLabels ? ' and more' : '';
  const message = `Labels of “${stratum.name}” occur in none of a split's rows: ${shown.join(', ')}${more}.`;
  const hint = 'Merge rare labels, drop their rows, or have fewer splits.';
  refuse([problem(['stratifyBy'], 'EMPTY_SPLIT', message, hint)]);
}
