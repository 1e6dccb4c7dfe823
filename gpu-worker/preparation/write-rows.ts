import { join } from 'node:path';
import { ProblemsError, problem } from '../../src/problems/problem.js';
import { isListType } from '../../src/protocol/datasets/column-type.js';
import type { LeftOutColumn } from '../../src/protocol/datasets/left-out-column.js';
import { type SplitRequest, usualSplit } from '../../src/protocol/datasets/split-request.js';
import type { StoredColumn, StoredSplit, StoredSplitPlan } from '../../src/protocol/datasets/stored-version.js';
import type { DuckDb } from '../../src/storage/duckdb.js';
import { assignedTable, assignSplits } from './ingestion/assign-splits.js';
import { reportColumns } from './ingestion/column-report.js';
import { toSplitPlan } from './ingestion/split-plan.js';
import { type StagedColumn, stagedTable, valueTextOf } from './ingestion/staging.js';
import { writeVersion } from './ingestion/write-version.js';
import type { RowTable } from './row-table.js';

export interface WrittenRows {
  /** The Parquet file. */
  readonly path: string;
  readonly exampleCount: number;
  readonly columns: readonly StoredColumn[];
  readonly splits: readonly StoredSplit[];
  readonly splitPlan: StoredSplitPlan;
}

const keptPlan: StoredSplitPlan = {
  splitColumn: null,
  fractions: [],
  seed: null,
  stratifyBy: null,
  keepTogether: [],
  kept: true,
};

/**
 * Gives rows their splits, describes their columns, and writes them, numbered anew from 0 without gaps. The table is
 * used up.
 * @param split null: rows keep their splits, and those without one get one as is usual
 * @param onStage called before each part of the work
 * @throws ProblemsError for problems of the split request, and where rows that were made from others would be drawn
 */
export async function writeRows(
  database: DuckDb,
  table: RowTable,
  request: {
    readonly split: SplitRequest | null;
    readonly leftOutColumns: readonly LeftOutColumn[];
    readonly folder: string;
    readonly onStage: (stage: 'SPLITTING' | 'DESCRIBING' | 'WRITING') => void;
  },
): Promise<WrittenRows> {
  const { split, leftOutColumns, folder, onStage } = request;
  onStage('SPLITTING');
  const [found] = await database.query<{ made: number }>(`SELECT count(made_by)::DOUBLE AS made FROM ${table.name}`);
  const made = found!.made;
  if (made === 0 && (await isInOrder(database, table))) {
    await database.query(`ALTER TABLE ${table.name} RENAME TO ${stagedTable}`);
  } else {
    await database.query(`CREATE TABLE ${stagedTable} AS ${made === 0 ? rowsOnly(table) : rowsWithSources(table)}`);
  }
  const [counts] = await database.query<{ rows: number; unassigned: number }>(
    `SELECT count(*)::DOUBLE AS rows, (count(*) - count(split))::DOUBLE AS unassigned FROM ${stagedTable}`,
  );
  const { rows, unassigned } = counts!;
  const columns = table.columns.map(stagedColumn);
  const { splits, splitPlan } = await assign(database, columns, { split, leftOutColumns, unassigned, made });
  onStage('DESCRIBING');
  const report = await reportColumns(database, columns);
  onStage('WRITING');
  const path = join(folder, 'version.parquet');
  await writeVersion(database, columns, report.withTexts, {
    path,
    rows,
    bytes: report.bytes,
    hasMadeRows: made > 0,
  });
  return { path, exampleCount: rows, columns: report.columns, splits, splitPlan };
}

/** Whether rows lie in the table as they are numbered, as most steps leave them: then they need no sorting. */
async function isInOrder(database: DuckDb, { name }: RowTable): Promise<boolean> {
  const [found] = await database.query<{ jumps: number }>(
    `SELECT count(*)::DOUBLE AS jumps FROM (SELECT row < lag(row) OVER (ORDER BY rowid) AS jumps FROM ${name}) WHERE jumps`,
  );
  return found!.jumps === 0;
}

/** The rows in their order. */
const rowsOnly = ({ name }: RowTable): string => `SELECT * EXCLUDE (row) FROM ${name} ORDER BY row`;

/** The same, where a made row names the row that it was made from by that one's place. */
const rowsWithSources = ({ name }: RowTable): string =>
  `WITH numbered AS (SELECT *, row_number() OVER (ORDER BY row) - 1 AS number FROM ${name})
   SELECT n.* EXCLUDE (row, number, source_row), s.number AS source_row
     FROM numbered n LEFT JOIN numbered s ON n.source_row = s.row ORDER BY n.number`;

function stagedColumn({ name, type, field, textField }: RowTable['columns'][number]): StagedColumn {
  const column = { name, type, expression: field };
  if (textField === undefined || type === 'TEXT' || isListType(type)) return column;
  return { ...column, text: `coalesce(${textField}, ${valueTextOf(column)})` };
}

async function assign(
  database: DuckDb,
  columns: readonly StagedColumn[],
  how: {
    readonly split: SplitRequest | null;
    readonly leftOutColumns: readonly LeftOutColumn[];
    readonly unassigned: number;
    readonly made: number;
  },
): Promise<{ readonly splits: readonly StoredSplit[]; readonly splitPlan: StoredSplitPlan }> {
  const { split, leftOutColumns, unassigned, made } = how;
  if (split !== null && made > 0) {
    const message = `${made} rows were made from others, and drawn anew they could come into other splits than these.`;
    const hint = 'Start from the version before the step that made them, draw its splits, and make them again.';
    throw new ProblemsError([problem(['split'], 'CONFLICT', message, hint)]);
  }
  if (split !== null || unassigned > 0) {
    const splitPlan = toSplitPlan(split ?? usualSplit, columns, leftOutColumns);
    const splits = await assignSplits(database, columns, splitPlan);
    if (split !== null) return { splits, splitPlan };
    const drawn = 'drawn_splits';
    await database.query(`ALTER TABLE ${assignedTable} RENAME TO ${drawn}`);
    await database.query(
      `CREATE TABLE ${assignedTable} AS SELECT coalesce(s.split, d.split) AS split
         FROM ${stagedTable} s POSITIONAL JOIN ${drawn} d`,
    );
    await database.query(`DROP TABLE ${drawn}`);
    const [some] = await database.query<{ kept: number }>(`SELECT count(split)::DOUBLE AS kept FROM ${stagedTable}`);
    if (some!.kept === 0) return { splits, splitPlan };
    return { splits: await countSplits(database), splitPlan: { ...splitPlan, kept: true } };
  }
  await database.query(`CREATE TABLE ${assignedTable} AS SELECT split FROM ${stagedTable} ORDER BY rowid`);
  return { splits: await countSplits(database), splitPlan: keptPlan };
}

/** Splits in the order in which they first occur. */
async function countSplits(database: DuckDb): Promise<StoredSplit[]> {
  return database.query<StoredSplit>(
    `SELECT split AS name, count(*)::DOUBLE AS "exampleCount" FROM ${assignedTable} GROUP BY split ORDER BY min(rowid)`,
  );
}
