import { endOf, normalized } from './comparable-text.js';
import {
  contentColumns,
  type FileColumn,
  inputColumns,
  isList,
  labelOf,
  type ReportedFile,
  row,
  rowsOf,
  split,
  textOf,
  withRole,
} from './reported-file.js';
import type { ScratchTables } from './scratch-tables.js';
import type { TextSurvey } from './text-survey.js';

/** Rows that may double another one. */
export interface Candidates {
  /**
   * The table (row, split, exact, normalized, input, target0, target1, …). Keys are 128-bit digests: `exact` and
   * `normalized` of all texts, `input` of what a model reads, normalized; a target is a text or null.
   */
  readonly table: string;
  readonly targets: readonly FileColumn[];
}

/**
 * Selects the rows whose input begins and ends like that of another row, and reads only those texts whole: mostly these
 * are few, and reading beginnings takes a tenth of the time. Ends are read where beginnings are equal: letters begin
 * with the same greeting. Null: no column holds texts.
 */
export async function selectCandidates(
  scratch: ScratchTables,
  file: ReportedFile,
  survey: TextSurvey,
): Promise<Candidates | null> {
  const inputs = inputColumns(file);
  const contents = contentColumns(file);
  if (inputs.length === 0) return null;
  const targets = withRole(file, 'LABEL', 'LABELS', 'NUMBER', 'TAGS');
  const texts = (columns: readonly FileColumn[], change: (text: string) => string) =>
    `concat_ws(chr(31), ${columns.map((column) => `coalesce(${change(textOf(column))}, '')`).join(', ')})`;
  const targetTexts = targets.map((column, i) => {
    // The order of labels in a set means nothing; that of tags does.
    const text = isList(column) && column.role === 'TAGS' ? textOf(column) : labelOf(file, column);
    return `, ${text} AS target${i}`;
  });
  // Texts are folded once, for the keys and the last condition. A column of the file may be called row.
  const table = await scratch.create(
    'candidates',
    `WITH begin_alike AS MATERIALIZED (
       SELECT row AS __attune_alike, beginning AS __attune_beginning FROM ${survey.table} WHERE beginning IN
         (SELECT beginning FROM ${survey.table} WHERE beginning IS NOT NULL GROUP BY beginning HAVING count(*) > 1)),
     ends AS MATERIALIZED (
       SELECT __attune_alike AS row, hash(__attune_beginning, ${inputs.map((column) => endOf(textOf(column))).join(', ')}) AS ends
       FROM ${rowsOf(file)} JOIN begin_alike ON __attune_alike = ${row}),
     doubled AS MATERIALIZED (
       SELECT ${row} AS row, ${split} AS split, ${texts(contents, (text) => text)} AS exact,
         ${texts(contents, normalized)} AS normalized, ${texts(inputs, normalized)} AS input${targetTexts.join('')}
       FROM ${rowsOf(file)}
       WHERE ${row} IN (SELECT row FROM ends WHERE ends IN (SELECT ends FROM ends GROUP BY ends HAVING count(*) > 1)))
     SELECT * REPLACE (md5_number(exact) AS exact, md5_number(normalized) AS normalized, md5_number(input) AS input)
     FROM doubled WHERE replace(input, chr(31), '') <> ''`,
  );
  return { table, targets };
}
