import { textTypes } from '../../../src/preparation/checks/named-columns.js';
import { usualNearMatch } from '../../../src/protocol/preparation/steps/duplicates.js';
import type { DrawSplits } from '../../../src/protocol/preparation/steps/splits.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumns } from '../columns-of-step.js';
import { rowsOfTable } from '../duplicates/compared-rows.js';
import { findNearCopies, readForNearCopies } from '../duplicates/near-copies.js';
import type { RowTable, StepTools, TableColumn } from '../row-table.js';
import { sharedKeyOf } from './column-texts.js';
import { type RowLink, unitsOfRows } from './units-of-rows.js';

/** SQL condition over rows `t`: which of them get a new split. Null: all. */
export function drawnRows(step: {
  readonly onlyUnassigned: boolean;
  readonly fromSplits: readonly string[] | null;
}): string | null {
  if (step.onlyUnassigned) return 't.split IS NULL';
  if (step.fromSplits === null) return null;
  return `coalesce(t.split IN (${step.fromSplits.map(literal).join(', ')}), false)`;
}

/** The columns by which rows with equal texts are kept in one split. */
export function keptTogether(table: RowTable, names: readonly string[] | null): readonly TableColumn[] {
  if (names !== null) return namedColumns(table, names, null, ['keepTogether']);
  return table.columns.filter(({ type }) => type === 'TEXT' || type === 'TEXT_LIST');
}

/** All that keeps rows in one split: equal values, near duplicates, and that a row was made from another. */
export async function linksOf(
  tools: StepTools,
  table: RowTable,
  keys: readonly (readonly TableColumn[])[],
  nearDuplicates: DrawSplits['nearDuplicates'],
): Promise<RowLink[]> {
  const { database } = tools;
  const [found] = await database.query<{ made: number }>(`SELECT count(source_row)::DOUBLE AS made FROM ${table.name}`);
  const links: RowLink[] = keys
    .filter((columns) => columns.length > 0)
    .map((columns) => ({ value: sharedKeyOf(columns) }));
  if (nearDuplicates !== null) links.push({ clusters: await nearClusters(tools, table, nearDuplicates) });
  return found!.made === 0 ? links : [...links, { value: 'coalesce(source_row, row)' }];
}

/** Makes a table of `row` and `cluster`: the rows that hang together with others by near duplicates. */
async function nearClusters(
  tools: StepTools,
  table: RowTable,
  { columns: named, threshold }: NonNullable<DrawSplits['nearDuplicates']>,
): Promise<string> {
  const columns = namedColumns(table, named, textTypes, ['nearDuplicates', 'columns']);
  const match = { ...usualNearMatch, threshold, seed: 1 };
  return findNearCopies(
    await readForNearCopies(await rowsOfTable(tools.database, table, columns), match, tools),
    tools,
  );
}

/** Drops the tables of links. */
export async function dropLinks({ database }: StepTools, links: readonly RowLink[]): Promise<void> {
  for (const link of links) if ('clusters' in link) await database.query(`DROP TABLE ${link.clusters}`);
}

export interface RowsInUnits {
  /** Table of `row` and `unit`: those that are drawn. */
  readonly units: string;
  /** Table of `row` and `split`: those that are not drawn, since their unit has rows that keep their split. */
  readonly attached: string;
}

/**
 * Finds the units of rows. A row whose unit has rows that keep their split comes to the split that has most of these;
 * of equal ones to the first by name.
 * @param condition which rows are drawn; null: all
 */
export async function unitsToDraw(
  { database, names, beat }: StepTools,
  table: RowTable,
  links: readonly RowLink[],
  condition: string | null,
): Promise<RowsInUnits> {
  const [all, units, attached] = [names.table(), names.table(), names.table()];
  await unitsOfRows(database, table.name, links, all, beat);
  if (condition === null) {
    await database.query(`CREATE TABLE ${attached} (row BIGINT, split VARCHAR)`);
    return { units: all, attached };
  }
  await database.query(
    `CREATE TABLE ${attached} AS
     WITH fixed AS (
       SELECT u.unit, t.split, count(*) AS rows FROM ${all} u JOIN ${table.name} t USING (row)
       WHERE NOT (${condition}) AND t.split IS NOT NULL GROUP BY u.unit, t.split
     ), chosen AS (
       SELECT unit, split FROM fixed QUALIFY row_number() OVER (PARTITION BY unit ORDER BY rows DESC, split) = 1
     )
     SELECT t.row, chosen.split FROM ${all} u JOIN chosen USING (unit) JOIN ${table.name} t ON t.row = u.row
     WHERE ${condition}`,
  );
  await database.query(
    `CREATE TABLE ${units} AS
     SELECT u.row, u.unit FROM ${all} u JOIN ${table.name} t USING (row)
     WHERE ${condition} AND u.row NOT IN (SELECT row FROM ${attached})`,
  );
  await database.query(`DROP TABLE ${all}`);
  beat();
  return { units, attached };
}
