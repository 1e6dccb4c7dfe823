import type { DuckDb } from '../../../src/storage/duckdb.js';
import type { RowTable, TableColumn } from '../row-table.js';

/**
 * Rows that are compared with one another, as a statement of DuckDB with the columns
 *
 * - `source INTEGER`: 0 for the rows of the step, from 1 on for those of other versions,
 * - `row BIGINT`: unique within a source,
 * - `text VARCHAR`: the texts of the compared columns, one after another; null where there is none,
 * - `v0`, `v1`, …: the values of the compared columns, of the same types in all sources.
 */
export interface ComparedRows {
  readonly sql: string;
  readonly values: readonly string[];
  readonly count: number;
  /** How many rows are the step's own. */
  readonly own: number;
}

/** @returns the step's own rows, compared with one another */
export async function rowsOfTable(
  database: DuckDb,
  { name }: RowTable,
  columns: readonly TableColumn[],
): Promise<ComparedRows> {
  const count = await countOf(database, name);
  const values = columns.map((_, i) => `v${i}`);
  const selected = columns.map(({ field }, i) => `${field} AS v${i}`).join(', ');
  return {
    sql: `SELECT 0 AS source, row, ${textOf(columns)} AS text, ${selected} FROM ${name}`,
    values,
    count,
    own: count,
  };
}

export async function countOf(database: DuckDb, from: string): Promise<number> {
  const [found] = await database.query<{ count: number }>(`SELECT count(*)::DOUBLE AS count FROM ${from}`);
  return found!.count;
}

/** All texts of some columns as one: values of a list and messages of a conversation one after another. */
export function textOf(columns: readonly Pick<TableColumn, 'field' | 'type'>[]): string {
  return `nullif(concat_ws(chr(10), ${columns.map(textOfColumn).join(', ')}), '')`;
}

function textOfColumn({ field, type }: Pick<TableColumn, 'field' | 'type'>): string {
  switch (type) {
    case 'TEXT':
      return field;
    case 'JSON': {
      // The contents of messages, in OpenAI's form or in ShareGPT's; JSON that is none is compared as it is written.
      const contents = ['content', 'value'].map((key) => `json_extract_string(${field}, '$[*].${key}')`);
      const joined = contents.map((list) => `nullif(array_to_string(${list}, chr(10)), '')`);
      return `coalesce(${joined.join(', ')}, CAST(${field} AS VARCHAR))`;
    }
    case 'TEXT_LIST':
    case 'INTEGER_LIST':
    case 'FLOAT_LIST':
      return `array_to_string(${field}, ' ')`;
    default:
      return `CAST(${field} AS VARCHAR)`;
  }
}
