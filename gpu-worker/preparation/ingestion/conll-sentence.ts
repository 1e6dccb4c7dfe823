import type { ConllOptions } from '../../../src/protocol/datasets/file-options.js';
import type { RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';

/** A sentence with one list for each chosen column, all of the same length; or why it was rejected. */
export type ConllSentence =
  | { readonly values: readonly (readonly string[])[]; readonly columns: number }
  | { readonly code: RejectionCode; readonly reason: string };

/** CoNLL-U has this many columns, and its first column numbers the words. */
const columnsOfConllU = 10;

/**
 * Reads the lines of one sentence. Every line must have as many columns as the first.
 *
 * Both words and comments may begin with `#`: such lines at the beginning of a sentence are comments if their columns
 * differ from those of its words. In CoNLL-U, the lines of a span of words (`3-4`) and of an omitted word (`8.1`) are
 * not words.
 *
 * @param firstNumber number of the first line in the file
 * @param usualColumns number of columns in the sentences before; null for the first sentence
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
      const reason = `Line ${number} has ${countOf(columns)}; column ${highest} was requested.`;
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
  // Most files have a single space between columns: this takes a tenth of the time of the code below.
  if (!/^ | {2}|\t| $/.test(text)) return text.split(' ');
  // Other blanks may be words, or parts of words.
  return text.replace(/^[ \t]+|[ \t]+$/g, '').split(/[ \t]+/);
}

function countOf(columns: number): string {
  return columns === 1 ? '1 column' : `${columns} columns`;
}
