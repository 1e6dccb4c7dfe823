import { longMatches, longPattern } from '../../src/protocol/long-matches.js';
import { type WordSpan, wordsBetweenSpaces } from '../../src/protocol/words-between-spaces.js';
import type { TruncationSide } from '../../src/tokenizer/index.js';

export type { WordSpan };

/**
 * Finds the places of listed words in their text, in which single spaces join them.
 *
 * @param keptLength UTF-16 units that are left of that text after a cut on `truncationSide`: words beyond the cut get
 * places before 0 or beyond the end
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

/** A punctuation mark as BERT's tokenizer has them, or a sign of a currency. */
const mark = /^[\p{P}\p{Sc}!-/:-@[-`{-~]$/u;
const ideographOrOther = longPattern(['\\p{Script=Han}', { run: '[^\\p{Script=Han}]' }]);

/**
 * The words of a plain text without tags, for which tags are predicted. They are the runs of characters between white
 * space, but each punctuation mark at an end of a run is a word of its own, and so is each Chinese character, as in
 * corpora of tagged words: `(Berlin, U.S.)` → `(` `Berlin` `,` `U.S` `.` `)`. Marks within a word stay in it: `don't`,
 * `e-mail`, `3.50`.
 *
 * The rule is the same for all models. Each tokenizer has a rule of its own for words (GPT-2's makes `don` and `'t` of
 * `don't`, BERT's makes three words of it), under which some words would begin at tokens that had no tag in training.
 */
export function splitWords(text: string): WordSpan[] {
  const words: WordSpan[] = [];
  for (const { start: index, end } of wordsBetweenSpaces(text)) {
    const run = text.slice(index, end);
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
  const enclosed = Array.from(longMatches(core, ideographOrOther), (piece) => core.slice(piece.start, piece.end));
  return run.slice(0, first).concat(enclosed, run.slice(end));
}

/** The characters that a span of words covers: from the start of word `first` to the end of word `last`. */
export function charactersOf(
  { first, last }: { readonly first: number; readonly last: number },
  words: readonly WordSpan[],
): WordSpan {
  return { start: words[first]?.start ?? 0, end: words[last]?.end ?? 0 };
}
