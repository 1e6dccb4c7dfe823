import type { Encoding, TruncationSide } from '../../src/tokenizer/index.js';

/** Where a word is in its text: UTF-16 indices, `end` exclusive. */
export interface WordSpan {
  readonly start: number;
  readonly end: number;
}

/** The words of a text: what stands between white space. */
export function splitWords(text: string): WordSpan[] {
  return Array.from(text.matchAll(/\S+/g), ({ 0: word, index }) => ({ start: index, end: index + word.length }));
}

/**
 * Where listed words are in their text, which is they joined by spaces.
 *
 * @param keptLength of that text, which may have been cut, at the end or with `left` at the start; words outside have negative places, or
 * places beyond it
 */
export function placeWords(words: readonly string[], keptLength: number, truncationSide: TruncationSide): WordSpan[] {
  const length = words.reduce((sum, word) => sum + word.length, Math.max(0, words.length - 1));
  let start = truncationSide === 'left' ? keptLength - length : 0;
  return words.map((word) => {
    const span = { start, end: start + word.length };
    start = span.end + 1;
    return span;
  });
}

/**
 * The word that each token of a single text is the first of, counted from 0, and −1 for its other tokens, special tokens and tokens outside
 * all words: [T]. A token belongs to the word that its characters overlap first; a word without any characters in tokens has none.
 */
export function firstTokens(
  words: readonly WordSpan[],
  { offsets, sequence }: Pick<Encoding, 'offsets' | 'sequence'>,
): number[] {
  let next = 0;
  return offsets.map(([start, end], token) => {
    if (sequence[token] !== 0 || end <= start) return -1;
    while (next < words.length && words[next]!.end <= start) next++;
    const word = words[next];
    if (word === undefined || word.start >= end) return -1;
    next++;
    return next - 1;
  });
}
