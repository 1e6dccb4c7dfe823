import type { TruncationSide } from '../../src/tokenizer/index.js';

/** Where a word is in its text: UTF-16 indices, `end` exclusive. */
export interface WordSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Where listed words are in their text, which is they joined by single spaces.
 *
 * @param keptLength of that text, where it was cut to so many UTF-16 units on `truncationSide`: words beyond the cut
 * get places before 0 or beyond the end
 */
export function placeWords(
  words: readonly string[],
  keptLength = lengthOf(words),
  truncationSide: TruncationSide = 'right',
): WordSpan[] {
  let start = truncationSide === 'left' ? keptLength - lengthOf(words) : 0;
  return words.map((word) => {
    const span = { start, end: start + word.length };
    start = span.end + 1;
    return span;
  });
}

function lengthOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + word.length, Math.max(0, words.length - 1));
}

const spaceless = /[^\p{White_Space}]+/gu;
/** BERT's punctuation, and signs of currencies. */
const mark = /^[\p{P}\p{Sc}!-/:-@[-`{-~]$/u;
const ideographOrOther = /\p{Script=Han}|[^\p{Script=Han}]+/gu;

/** The words of a plain text that has a tag for each of them: what stands between white space. */
export function wordsBetweenSpaces(text: string): WordSpan[] {
  return Array.from(text.matchAll(spaceless), ({ 0: word, index }) => ({ start: index, end: index + word.length }));
}

/**
 * The words of a plain text without tags, for which some are wanted: what stands between white space, with each
 * punctuation mark at its ends as a word of its own, and each Chinese character, as corpora of tagged words have them:
 * `(Berlin, U.S.)` → `(` `Berlin` `,` `U.S` `.` `)`. Marks within a word stay there: `don't`, `e-mail`, `3.50`.
 *
 * The rule is the same for all models. A tokenizer's own rule for words would be another one for each (GPT-2's makes
 * `don` and `'t` of `don't`, BERT's makes three), so that words would begin at tokens that training never gave a tag
 * to.
 */
export function splitWords(text: string): WordSpan[] {
  const words: WordSpan[] = [];
  for (const { 0: run, index } of text.matchAll(spaceless)) {
    let start = index;
    for (const piece of piecesOf(Array.from(run))) {
      words.push({ start, end: start + piece.length });
      start += piece.length;
    }
  }
  return words;
}

/** The marks at the start of a run of characters, what they enclose, and the marks at its end. */
function piecesOf(run: readonly string[]): string[] {
  const isMark = (character: string) => mark.test(character);
  const first = run.findIndex((character) => !isMark(character));
  if (first === -1) return [...run];
  const end = run.findLastIndex((character) => !isMark(character)) + 1;
  const core = run.slice(first, end).join('');
  return [...run.slice(0, first), ...(core.match(ideographOrOther) ?? []), ...run.slice(end)];
}

/**
 * The characters of a span of words, both ends of which are words: from the first one's start to the last one's end.
 */
export function charactersOf(
  { first, last }: { readonly first: number; readonly last: number },
  words: readonly WordSpan[],
): WordSpan {
  return { start: words[first]?.start ?? 0, end: words[last]?.end ?? 0 };
}
