import { identifier } from '../../../src/protocol/duckdb-names.js';
import { beginningOf } from './comparable-text.js';
import {
  contentColumns,
  type FileColumn,
  inputColumns,
  type ReportedFile,
  row,
  rowsOf,
  split,
  textOf,
} from './reported-file.js';
import type { ScratchTables } from './scratch-tables.js';

/** What one pass over all texts has noted of each row. */
export interface TextSurvey {
  /**
   * The table (row, split, beginning, length0, length1, …). `beginning` is a digest of how the texts begin that a model
   * reads, or null where one is missing; a length is that of a column's text in characters, or null.
   */
  readonly table: string;
  /** The columns of the lengths, in their order. */
  readonly columns: readonly FileColumn[];
}

/** Reads the texts of a file once: statements on the small table take a fraction of the time of another pass. */
export async function surveyTexts(scratch: ScratchTables, file: ReportedFile): Promise<TextSurvey> {
  const columns = contentColumns(file);
  const inputs = inputColumns(file);
  const hasInput = inputs.map((column) => `${identifier(column.name)} IS NOT NULL`).join(' AND ');
  const digest = `hash(${inputs.map((column) => beginningOf(textOf(column))).join(', ')})`;
  const beginning = inputs.length === 0 ? 'NULL::UBIGINT' : `CASE WHEN ${hasInput} THEN ${digest} END`;
  const lengths = columns.map((column, i) => `, length(${textOf(column)}) AS length${i}`);
  const table = await scratch.create(
    'texts',
    `SELECT ${row} AS row, ${split} AS split, ${beginning} AS beginning${lengths.join('')} FROM ${rowsOf(file)}`,
  );
  return { table, columns };
}
