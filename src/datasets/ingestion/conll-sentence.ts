import type { ConllOptions } from '../file-options.js';
import type { RejectionCode } from './rejected-rows.js';

/** A sentence: one list a chosen column, all of one length; or what is wrong with it. */
export type ConllSentence =
  | { readonly values: readonly (readonly string[])[]; readonly columns: number }
  | { readonly code: RejectionCode; readonly reason: string };

/** CoNLL-U has this many columns, of which the first numbers the words. */
const columnsOfConllU = 10;

/**
 * Reads the lines of one sentence. Every line has as many columns as the first one.
 *
 * A word may begin with `#`, as a comment does: lines at the beginning of a sentence that do are comments when they have other
 * columns than its words. In CoNLL-U the lines that stand for a span of words (`3-4`) or for a word left out (`8.1`) are no words.
 *
 * @param firstNumber of its lines in the file
 * @param usualColumns of the sentences before; null for the first
 * @returns null for comments without a sentence
 */
export function readConllSentence(
  lines: readonly string[],
  firstNumber: number,
  options: ConllOptions,
  usualColumns: number | null,
): ConllSentence | null {
  const divided = lines.map((line) => divide(line, options.separator));
  const begin = endOfComments(lines, divided, usualColumns);
  const highest = Math.max(...options.columns.map(({ number }) => number));
  const isConllU = options.separator === 'TAB' && options.columns.every(({ number }) => number !== 1);
  const values: string[][] = options.columns.map(() => []);
  let first: { readonly number: number; readonly columns: number } | null = null;
  for (let line = begin; line < lines.length; line++) {
    const fields = divided[line]!;
    const columns = fields.length;
    const number = firstNumber + line;
    if (isConllU && columns === columnsOfConllU && /^[0-9]+[-.][0-9]+$/.test(fields[0]!)) continue;
    if (columns < highest) {
      const reason = `Line ${number} has ${countOf(columns)}; column ${highest} is asked for.`;
      return { code: 'TOO_FEW_COLUMNS', reason };
    }
    first ??= { number, columns };
    if (columns !== first.columns) {
      const reason = `Line ${number} has ${countOf(columns)}, and line ${first.number} ${first.columns}.`;
      return { code: 'UNEQUAL_COLUMNS', reason };
    }
    for (let i = 0; i < values.length; i++) {
      const column = options.columns[i]!.number;
      const value = fields[column - 1]!;
      if (value === '') return { code: 'INVALID_LIST', reason: `Column ${column} of line ${number} is empty.` };
      values[i]!.push(value);
    }
  }
  return first === null ? null : { values, columns: first.columns };
}

/** How many lines at the beginning of a sentence are comments. */
function endOfComments(
  lines: readonly string[],
  divided: readonly (readonly string[])[],
  usualColumns: number | null,
): number {
  if (lines[0]?.startsWith('#') !== true) return 0;
  const firstWord = lines.findIndex((line) => !line.startsWith('#'));
  const columns = firstWord === -1 ? usualColumns : divided[firstWord]!.length;
  const begin = lines.findIndex((line, index) => !line.startsWith('#') || divided[index]!.length === columns);
  return begin === -1 ? lines.length : begin;
}

function divide(text: string, separator: ConllOptions['separator']): string[] {
  if (separator === 'TAB') return text.split('\t');
  // One space between two columns, as most files have: a tenth of the time of what follows.
  if (!/^ | {2}|\t| $/.test(text)) return text.split(' ');
  // Other blanks may be words, or parts of them.
  return text.replace(/^[ \t]+|[ \t]+$/g, '').split(/[ \t]+/);
}

function countOf(columns: number): string {
  return columns === 1 ? '1 column' : `${columns} columns`;
}
