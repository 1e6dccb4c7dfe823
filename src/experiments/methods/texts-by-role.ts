import { type ChosenColumn, columnByRole, columnsWithRole } from '../../datasets/columns-by-role.js';
import type { InputProblem } from '../../problems/problem.js';
import type { VersionRoles } from '../../protocol/preparation/assigned-roles.js';
import type { NamedHeadFields } from '../heads/columns.js';

/** Columns of texts, as an input names them. */
interface TextFields {
  readonly textColumn?: string | null;
  /** Null: single texts, whatever the roles say. */
  readonly textPairColumn?: string | null;
}

/** Columns of texts, with what roles say of those that the input leaves out; an unknown one has a problem. */
export interface FilledTexts {
  readonly textColumn: string | null;
  readonly textPairColumn: string | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}

/**
 * Second texts are read by default where the roles say both columns of a pair: whoever names the first decides about
 * the second, too.
 * @param path of the method in the input
 * @param taken columns that the input names for something else
 */
export function fillTexts(
  { textColumn, textPairColumn }: TextFields,
  version: { readonly roles: VersionRoles },
  path: readonly string[],
  heads: readonly NamedHeadFields[],
  taken: readonly (string | null | undefined)[],
): FilledTexts {
  if (textColumn != null) return { textColumn, textPairColumn: textPairColumn ?? null, chosen: [], problems: [] };
  const areWords = heads.some(({ head }) => head?.tokenClassification != null);
  const field = { what: 'the column of the texts', path: [...path, 'textColumn'] };
  const others = [...taken, textPairColumn];
  const texts = columnByRole(version, areWords ? ['TOKENS', 'TEXT'] : ['TEXT', 'TOKENS'], field, others);
  const found = { textColumn: texts.chosen?.column ?? null, textPairColumn: textPairColumn ?? null };
  const known = texts.chosen === null ? [] : [texts.chosen];
  const isSingle = textPairColumn !== undefined || areWords || texts.chosen?.role !== 'TEXT';
  if (isSingle || columnsWithRole(version, ['SECOND_TEXT'], taken).length === 0) {
    return { ...found, chosen: known, problems: texts.problems };
  }
  const pairField = { what: 'the column of the second texts', path: [...path, 'textPairColumn'] };
  const pair = columnByRole(version, ['SECOND_TEXT'], pairField, taken);
  return {
    ...found,
    textPairColumn: pair.chosen?.column ?? null,
    chosen: [...known, ...(pair.chosen === null ? [] : [pair.chosen])],
    problems: [...texts.problems, ...pair.problems],
  };
}
