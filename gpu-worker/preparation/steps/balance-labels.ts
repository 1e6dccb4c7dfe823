import type { BalanceLabels } from '../../../src/protocol/preparation/steps/augmentation.js';
import { edaDefaults } from '../../../src/protocol/preparation/steps/augmentation.js';
import { literal } from '../../../src/storage/duckdb.js';
import { requireSplit } from '../augmentation/augmented-split.js';
import { type BalancePlan, balanceLabels, countLabels } from '../augmentation/balance-labels.js';
import { boundsOf } from '../augmentation/balance-targets.js';
import { makeCopies } from '../augmentation/copies.js';
import { collectMadeRows, type MadeRows, type NewRow, requireFewAdded } from '../augmentation/made-rows.js';
import { changeTexts, drawsOf, readyMethods } from '../augmentation/methods.js';
import { readLabels, type SplitLabels } from '../augmentation/read-labels.js';
import { namedColumn } from '../columns-of-step.js';
import type { RowTable, RunStep, StepTools, TableColumn } from '../row-table.js';

/** The columns that labels can be in. */
const labelTypes = ['TEXT', 'INTEGER', 'BOOLEAN', 'TEXT_LIST', 'INTEGER_LIST'] as const;
const rowsPerChunk = 2048;

/**
 * Drops rows of frequent labels and copies those of rare ones, in one split: see `balanceLabels`. Rows that steps made
 * before count, and are dropped first. A copy gets a changed text, where the step says so and one can be made; else it
 * is the row once more.
 */
export const runBalanceLabels: RunStep<BalanceLabels> = async (step, table, tools) => {
  const { database, names } = tools;
  const column = namedColumn(table, step.column, labelTypes, ['column']);
  const changed = step.change === null ? null : namedColumn(table, step.change.column, ['TEXT'], ['change', 'column']);
  await requireSplit(database, table, step.split);
  const labels = await readLabels(database, table, column, step.split);
  const counts = countLabels(labels);
  const bounds = boundsOf(step.target, counts);
  requireFewAdded(
    bounds.least.reduce((sum, least, label) => sum + Math.max(0, least - counts[label]!), 0),
    ['target'],
  );
  const plan = balanceLabels(labels, bounds, { seed: step.seed, step: tools.step });

  const notes = names.table();
  const kept = names.table();
  await writeDropped(labels, plan, notes, tools);
  await database.query(`CREATE TABLE ${kept} AS SELECT * FROM ${table.name} ANTI JOIN ${notes} USING (row)`);
  const left: RowTable = { ...table, name: kept };
  const made = await collectMadeRows(left, changed, step.kind, 'isItsSource', tools);
  if (changed === null) await addSameRows(labels, plan, made);
  else await addChangedRows(step, left, changed, labels, plan, made, tools);
  const balanced = await made.appended();
  await database.query(`DROP TABLE ${kept}`);
  return { table: balanced, notes };
};

async function writeDropped(
  { rows }: SplitLabels,
  { isDropped }: BalancePlan,
  notes: string,
  { database, beat }: StepTools,
): Promise<void> {
  await database.query(`CREATE TABLE ${notes} ("row" BIGINT, other_row BIGINT, reason VARCHAR)`);
  const dropped = rows.filter((_, index) => isDropped[index] === 1);
  const reason = literal('Its labels had more rows than they are to have.');
  for (let start = 0; start < dropped.length; start += rowsPerChunk) {
    beat();
    await database.query(`INSERT INTO ${notes} SELECT unnest(from_json($rows::JSON, '["BIGINT"]')), NULL, ${reason}`, {
      rows: JSON.stringify(dropped.slice(start, start + rowsPerChunk)),
    });
  }
}

async function addSameRows({ rows }: SplitLabels, { copies }: BalancePlan, made: MadeRows): Promise<void> {
  function* sources(): Generator<NewRow> {
    for (const [index, source] of rows.entries()) yield { source, value: null, times: copies[index]! };
  }
  await made.add(sources());
}

async function addChangedRows(
  step: BalanceLabels,
  table: RowTable,
  column: TableColumn,
  { rows }: SplitLabels,
  { copies }: BalancePlan,
  made: MadeRows,
  tools: StepTools,
): Promise<void> {
  const ready = await readyMethods(step.change!.methods, edaDefaults(rows.length).share, tools, ['change', 'methods']);
  const how = { seed: step.seed, step: tools.step, draws: drawsOf(ready) };
  const copied = [...rows.keys()].filter((index) => copies[index]! > 0);
  for (let start = 0; start < copied.length; start += rowsPerChunk) {
    const chunk = copied.slice(start, start + rowsPerChunk);
    const texts = await tools.database.query<{ row: number; value: string }>(
      `SELECT ${table.name}.row::DOUBLE AS row, ${column.field} AS value FROM ${table.name}
       WHERE ${column.field} IS NOT NULL
         AND row IN (SELECT unnest(from_json($rows::JSON, '["BIGINT"]'))) ORDER BY ${table.name}.row`,
      { rows: JSON.stringify(chunk.map((index) => rows[index]!)) },
    );
    const wanted = new Map(chunk.map((index) => [rows[index]!, copies[index]!]));
    const sources = texts.map((each) => ({ ...each, copies: wanted.get(each.row)! }));
    let next = 0;
    /** The rows before one have no text that could change. */
    async function copyBefore(row: number | null): Promise<void> {
      for (; next < chunk.length && rows[chunk[next]!] !== row; next++) {
        await made.add([{ source: rows[chunk[next]!]!, value: null, times: copies[chunk[next]!]! }]);
      }
    }
    const counts = new Map<number, number>();
    for await (const group of makeCopies(sources, how, (text) => text, changeTexts(ready), tools.beat)) {
      const changed = new Map<number, NewRow[]>(group.sources.map(({ row }) => [row, []]));
      for (const { row, value } of group.made) changed.get(row)!.push({ source: row, value });
      for (const { row, copies: wanted } of group.sources) {
        await copyBefore(row);
        const own = changed.get(row)!;
        await made.add(own);
        const count = (counts.get(row) ?? 0) + own.length;
        counts.set(row, count);
        if (!group.isLast) continue;
        await made.add([{ source: row, value: null, times: wanted - count }]);
        next++;
      }
    }
    await copyBefore(null);
  }
}
