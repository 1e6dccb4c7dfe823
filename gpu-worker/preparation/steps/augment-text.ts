import { type AugmentText, edaDefaults } from '../../../src/protocol/preparation/steps/augmentation.js';
import { requireSplit } from '../augmentation/augmented-split.js';
import { makeCopies } from '../augmentation/copies.js';
import { copyCounts } from '../augmentation/copy-counts.js';
import { collectMadeRows, type NewRow, requireFewAdded } from '../augmentation/made-rows.js';
import { changeLists, changeTexts, drawsOf, readyMethods, requireKeepsWords } from '../augmentation/methods.js';
import { sourceRows } from '../augmentation/source-rows.js';
import { namedColumn } from '../columns-of-step.js';
import type { RunStep } from '../row-table.js';

/**
 * Copies of the rows of a split with a changed text, behind the other rows. A copy says of which row it is, and by
 * which kind of step it was made. No other row changes.
 */
export const runAugmentText: RunStep<AugmentText> = async (step, table, tools) => {
  const { database, step: place, maskedModel, beat } = tools;
  const { methods, split, seed } = step;
  const column = namedColumn(table, step.column, ['TEXT', 'TEXT_LIST'], ['column']);
  if (column.type === 'TEXT_LIST') requireKeepsWords(methods);
  const usual = edaDefaults(await requireSplit(database, table, split));
  const amount = step.amount ?? { kind: 'ofEachRow', copies: usual.copies };
  const hasText = `${column.field} IS NOT NULL`;
  const rows: number[] = [];
  for await (const chunk of sourceRows(database, table, split, {}, hasText)) rows.push(...chunk.map(({ row }) => row));
  requireFewAdded(amount.kind === 'ofEachRow' ? amount.copies * rows.length : rows.length, ['amount']);
  const countOf = copyCounts(amount, rows, { seed, step: place });
  const ready = await readyMethods(methods, usual.share, { maskedModel });
  const how = { seed, step: place, draws: drawsOf(ready) };
  const made = await collectMadeRows(table, column, step.kind, 'isLeftOut', tools);
  const values = { value: column.type === 'TEXT' ? column.field : `to_json(${column.field})::VARCHAR` };
  for await (const chunk of sourceRows<{ value: string }>(database, table, split, values, hasText)) {
    const wanted = chunk.map(({ row, value }) => ({ row, value, copies: countOf(row) }));
    const groups: AsyncIterable<{ readonly made: readonly { row: number; value: NewRow['value'] }[] }> =
      column.type === 'TEXT'
        ? makeCopies(wanted, how, (text) => text, changeTexts(ready), beat)
        : makeCopies(
            wanted.map((each) => ({ ...each, value: JSON.parse(each.value) as readonly string[] })),
            how,
            JSON.stringify,
            changeLists(ready),
            beat,
          );
    for await (const group of groups) await made.add(group.made.map(({ row, value }) => ({ source: row, value })));
  }
  return { table: await made.appended() };
};
