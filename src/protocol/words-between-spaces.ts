/** Where a word is in its text: UTF-16 indices, `end` exclusive. */
export interface WordSpan {
  readonly start: number;
  readonly end: number;
}

const spaceless = /[^\p{White_Space}]+/gu;

/** The words of a plain text that has a tag for each word: the runs of characters between white space. */
export function wordsBetweenSpaces(text: string): WordSpan[] {
  return Array.from(text.matchAll(spaceless), ({ 0: word, index }) => ({ start: index, end: index + word.length }));
}
