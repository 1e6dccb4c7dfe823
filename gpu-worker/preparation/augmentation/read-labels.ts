import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { isListType } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, literal } from '../../../src/storage/duckdb.js';
import type { RowTable, TableColumn } from '../row-table.js';
import type { RowLabels } from './balance-labels.js';

/** The labels of a split's rows, with the rows' numbers. */
export interface SplitLabels extends RowLabels {
  /** [R], ascending. */
  readonly rows: readonly number[];
}

/** More different values are no classes: texts, or numbers that are measured. */
const mostLabels = 10_000;
const rowsPerChunk = 65_536;

/**
 * Reads which labels rows have, of a column with one label a row or with a list of them; a label that a list has twice
 * counts once. Labels are numbered in the order of their texts, which does not depend on the rows' order.
 *
 * @throws ProblemsError TOO_MANY_LABELS; EMPTY_SPLIT where no row has a label
 */
export async function readLabels(
  database: DuckDb,
  { name: table }: RowTable,
  { name, field, type }: TableColumn,
  split: string,
): Promise<SplitLabels> {
  const labelsOf = isListType(type) ? `list_distinct(${field})::VARCHAR[]` : `[${field}::VARCHAR]`;
  const ofSplit = `FROM ${table} WHERE split = ${literal(split)}`;
  const known = await database.query<{ label: string }>(
    `SELECT DISTINCT label FROM (SELECT unnest(${labelsOf}) AS label ${ofSplit} AND ${field} IS NOT NULL)
     ORDER BY label LIMIT ${mostLabels + 1}`,
  );
  if (known.length > mostLabels) {
    const message = `The column “${name}” has more than ${mostLabels.toLocaleString('en')} different values in split “${split}”.`;
    throw new ProblemsError([problem(['column'], 'TOO_MANY_LABELS', message, 'Choose a column of labels.')]);
  }
  if (known.length === 0) {
    const message = `No row of split “${split}” has a value in the column “${name}”.`;
    throw new ProblemsError([problem(['column'], 'EMPTY_SPLIT', message, 'Choose a column of labels.')]);
  }
  const numbers = new Map(known.map(({ label }, number) => [label, number]));
  const rows: number[] = [];
  const labels: number[] = [];
  const isMade: number[] = [];
  const offsets = [0];
  for (let last = -1; ; last = rows.at(-1)!) {
    const chunk = await database.query<{ row: number; made: boolean; labels: string | null }>(
      `SELECT ${table}.row::DOUBLE AS row, made_by IS NOT NULL AS made,
              CASE WHEN ${field} IS NOT NULL THEN to_json(${labelsOf})::VARCHAR END AS labels
       ${ofSplit} AND row > ${last} ORDER BY ${table}.row LIMIT ${rowsPerChunk}`,
    );
    for (const { row, made, labels: own } of chunk) {
      rows.push(row);
      isMade.push(made ? 1 : 0);
      if (own !== null) labels.push(...(JSON.parse(own) as string[]).map((label) => numbers.get(label)!));
      offsets.push(labels.length);
    }
    if (chunk.length < rowsPerChunk) break;
  }
  return {
    rows,
    labels: Int32Array.from(labels),
    isMade: Uint8Array.from(isMade),
    offsets: Int32Array.from(offsets),
    labelCount: known.length,
  };
}
