import { folded, normalized, partOf, wholePart } from './comparable-text.js';
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
  const targetTexts = targets.map((column, i) => {
    // The order of labels in a set means nothing; that of tags does.
    const text = isList(column) && column.role === 'TAGS' ? textOf(column) : labelOf(file, column);
    return `, ${text} AS target${i}`;
  });
  const listed = (values: readonly string[]) => `concat_ws(chr(31), ${values.join(', ')})`;
  const normalizedOf = (columns: readonly FileColumn[]) =>
    listed(columns.map((column) => `coalesce(normalized${contents.indexOf(column)}, '')`));
  const ends = inputs.map((_, i) => wholePart(`t${i}`, `part${i}`, 'right')).join(', ');
  // A column of the file may be called row.
  const doubled = await scratch.create(
    'doubled',
    `WITH begin_alike AS MATERIALIZED (
       SELECT row AS __attune_alike, beginning AS __attune_beginning FROM ${survey.table} WHERE beginning IN
         (SELECT beginning FROM ${survey.table} WHERE beginning IS NOT NULL GROUP BY beginning HAVING count(*) > 1)),
     ends AS MATERIALIZED (
       SELECT row, hash(beginning, ${ends}) AS ends
       FROM (SELECT __attune_alike AS row, __attune_beginning AS beginning
               ${inputs.map((column, i) => `, ${textOf(column)} AS t${i}, ${partOf(textOf(column), 'right')} AS part${i}`).join('')}
             FROM ${rowsOf(file)} JOIN begin_alike ON __attune_alike = ${row}))
     SELECT row, split, exact${contents.map((_, i) => `, ${normalized(`folded${i}`)} AS normalized${i}`).join('')}
       ${targets.map((_, i) => `, target${i}`).join('')}
     FROM (SELECT ${row} AS row, ${split} AS split,
             md5_number(${listed(contents.map((column) => `coalesce(${textOf(column)}, '')`))}) AS exact
             ${contents.map((column, i) => `, ${folded(textOf(column))} AS folded${i}`).join('')}${targetTexts.join('')}
           FROM ${rowsOf(file)}
           WHERE ${row} IN (SELECT row FROM ends WHERE ends IN (SELECT ends FROM ends GROUP BY ends HAVING count(*) > 1)))`,
  );
  // Texts are folded once: in one statement the condition would fold them again, since it is taken to where they are.
  const table = await scratch.create(
    'candidates',
    `SELECT row, split, exact, md5_number(${normalizedOf(contents)}) AS normalized,
       md5_number(${normalizedOf(inputs)}) AS input${targets.map((_, i) => `, target${i}`).join('')}
     FROM ${doubled} WHERE replace(${normalizedOf(inputs)}, chr(31), '') <> ''`,
  );
  await scratch.drop(doubled);
  return { table, targets };
}
