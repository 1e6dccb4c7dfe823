import type { ConllOptions } from '../file-options.js';
import type { RejectionCode } from './rejected-rows.js';

/** A line of a sentence, as text. */
export interface ConllLine {
  readonly number: number;
  readonly text: string;
}

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
 * @param usualColumns of the sentences before; null for the first
 * @returns null for comments without a sentence
 */
export function readConllSentence(
  lines: readonly ConllLine[],
  options: ConllOptions,
  usualColumns: number | null,
): ConllSentence | null {
  const divided = lines.map((line) => ({ ...line, fields: divide(line.text, options.separator) }));
  const firstWord = divided.find(({ text }) => !text.startsWith('#'));
  const columns = firstWord?.fields.length ?? usualColumns;
  const isComment = ({ text, fields }: (typeof divided)[number]) => text.startsWith('#') && fields.length !== columns;
  const begin = divided.findIndex((line) => !isComment(line));
  if (begin === -1 || columns === null) return null;

  const words = divided.slice(begin).filter(({ fields }) => !isNoWord(fields, options));
  const [first] = words;
  if (first === undefined) return null;
  const highest = Math.max(...options.columns.map(({ number }) => number));
  for (const { number, fields } of words) {
    if (fields.length < highest) {
      const reason = `Line ${number} has ${countOf(fields.length)}; column ${highest} is asked for.`;
      return { code: 'TOO_FEW_COLUMNS', reason };
    }
    if (fields.length !== first.fields.length) {
      const reason = `Line ${number} has ${countOf(fields.length)}, and line ${first.number} ${first.fields.length}.`;
      return { code: 'UNEQUAL_COLUMNS', reason };
    }
    const empty = options.columns.find((column) => fields[column.number - 1] === '');
    if (empty !== undefined) {
      return { code: 'INVALID_LIST', reason: `Column ${empty.number} of line ${number} is empty.` };
    }
  }
  const values = options.columns.map((column) => words.map(({ fields }) => fields[column.number - 1]!));
  return { values, columns: first.fields.length };
}

function divide(text: string, separator: ConllOptions['separator']): string[] {
  // Other blanks may be words, or parts of them.
  return separator === 'TAB' ? text.split('\t') : text.replace(/^[ \t]+|[ \t]+$/g, '').split(/[ \t]+/);
}

function isNoWord(fields: readonly string[], { columns, separator }: ConllOptions): boolean {
  return (
    separator === 'TAB' &&
    fields.length === columnsOfConllU &&
    columns.every(({ number }) => number !== 1) &&
    /^[0-9]+[-.][0-9]+$/.test(fields[0]!)
  );
}

function countOf(columns: number): string {
  return columns === 1 ? '1 column' : `${columns} columns`;
}
