import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { AddFromTemplates } from '../../../src/protocol/preparation/steps/augmentation.js';
import { requireSplit } from '../augmentation/augmented-split.js';
import { randomOfCopy } from '../augmentation/copies.js';
import { drawOrder } from '../augmentation/draws.js';
import { collectMadeRows, type NewRow, requireFewAdded } from '../augmentation/made-rows.js';
import { sourceRows } from '../augmentation/source-rows.js';
import { columnsOf, fillTemplate, parseTemplate, type Template } from '../augmentation/template.js';
import { namedColumn } from '../columns-of-step.js';
import type { RowTable, RunStep, TableColumn } from '../row-table.js';

type SlotTexts = Readonly<Record<string, string | null>>;

/** The columns that a slot can be: what is no list, and no JSON. */
const slotTypes = ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'] as const;

/**
 * Copies of the rows of a split whose text is a filled template, behind the other rows. Where a value of the row is
 * missing, it has no copy by that template.
 */
export const runAddFromTemplates: RunStep<AddFromTemplates> = async (step, table, tools) => {
  const { database, step: place } = tools;
  const column = namedColumn(table, step.column, ['TEXT'], ['column']);
  const templates = readTemplates(step.templates);
  const slots = slotsOf(templates, table);
  const perRow = Math.min(step.perRow ?? templates.length, templates.length);
  const rows = await requireSplit(database, table, step.split);
  requireFewAdded(rows * perRow, ['perRow']);
  const made = await collectMadeRows(table, column, step.kind, 'isLeftOut', tools);
  const values = Object.fromEntries([...slots.values()].map(({ column, as }) => [as, textOf(column)]));
  /** The copies of rows, each made when the one before it was taken. */
  function* filled(chunk: readonly SlotTexts[]): Generator<NewRow> {
    for (const row of chunk) {
      const source = row.row as unknown as number;
      const order = drawOrder(templates.length, randomOfCopy({ seed: step.seed, step: place, row: source }, 0));
      const drawn = order.slice(0, perRow).sort((a, b) => a - b);
      for (const index of drawn) {
        const value = fillTemplate(templates[index]!, (name) => row[slots.get(name)!.as] ?? null);
        if (value !== null) yield { source, value };
      }
    }
  }
  for await (const chunk of sourceRows<SlotTexts>(database, table, step.split, values)) {
    await made.add(filled(chunk));
  }
  return { table: await made.appended() };
};

function readTemplates(texts: readonly string[]): Template[] {
  const parsed = texts.map(parseTemplate);
  const problems = parsed.flatMap((template, index) => {
    if ('pieces' in template) return [];
    const message = `The template can not be read at character ${template.at + 1}: ${template.message}.`;
    return [problem(['templates', String(index)], 'INVALID_VALUE', message, 'Write slots as {column}: Please {text}')];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return parsed as Template[];
}

/** The columns of all slots by their names, with the names that their texts are read under. */
function slotsOf(templates: readonly Template[], table: RowTable) {
  const slots = new Map<string, { readonly column: TableColumn; readonly as: string }>();
  for (const [index, template] of templates.entries()) {
    for (const name of columnsOf(template)) {
      if (slots.has(name)) continue;
      const column = namedColumn(table, name, slotTypes, ['templates', String(index)]);
      slots.set(name, { column, as: `slot_${slots.size}` });
    }
  }
  return slots;
}

/** A value as the file wrote it, where that is known. */
function textOf({ type, field, textField }: TableColumn): string {
  const written = `CAST(${field} AS VARCHAR)`;
  return type === 'TEXT' ? field : textField === undefined ? written : `coalesce(${textField}, ${written})`;
}
