import { partOf, wholePart } from './comparable-text.js';
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
  const texts = inputs.map(
    (column, i) => `, ${textOf(column)} AS t${i}, ${partOf(textOf(column), 'left')} AS part${i}`,
  );
  const lengths = columns.map((_, i) => `, length${i}`);
  const measured = columns.map((column, i) => `, length(${textOf(column)}) AS length${i}`);
  const hasInput = inputs.map((_, i) => `t${i} IS NOT NULL`).join(' AND ');
  const digest = `hash(${inputs.map((_, i) => wholePart(`t${i}`, `part${i}`, 'left')).join(', ')})`;
  const beginning = inputs.length === 0 ? 'NULL::UBIGINT' : `CASE WHEN ${hasInput} THEN ${digest} END`;
  const table = await scratch.create(
    'texts',
    `SELECT row, split, ${beginning} AS beginning${lengths.join('')}
     FROM (SELECT ${row} AS row, ${split} AS split${texts.join('')}${measured.join('')} FROM ${rowsOf(file)})`,
  );
  return { table, columns };
}
