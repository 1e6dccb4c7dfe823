import type { LetterCase } from '../../../src/protocol/preparation/steps/cleaning.js';

/** The first letter of a text, and those of its words: quotation marks, brackets and the like may stand before them. */
const firstLetter = /^([^\p{L}\p{N}]*)(\p{L})/u;
const firstLetters = /(^|\p{White_Space})([^\p{L}\p{N}\p{White_Space}]*)(\p{L})/gu;

/**
 * A text in another case, by the full mappings of Unicode: “ß” becomes “SS” in `upper`. `sentence` lowers the text and
 * raises its first letter; `title` does so for each word between white space. Languages with rules of their own are
 * `tr`, `az` and `lt`, and `el` for upper case; null stands for the rules that all others share. Idempotent.
 */
export function changeCase(text: string, to: LetterCase, language: string | null): string {
  switch (to) {
    case 'lower':
      return lower(text, language);
    case 'upper':
      return upper(text, language);
    case 'sentence':
      return lower(text, language).replace(
        firstLetter,
        (_, before: string, letter: string) => before + raised(letter, language),
      );
    case 'title':
      return lower(text, language).replace(
        firstLetters,
        (_, space: string, before: string, letter: string) => space + before + raised(letter, language),
      );
    default:
      return to satisfies never;
  }
}

/** A letter as the first of a word: where it becomes several in upper case, as “ß” does, the others are low: “Ss”. */
function raised(letter: string, language: string | null): string {
  const high = upper(letter, language);
  if (high.length === 1) return high;
  const [first = '', ...rest] = high;
  return first + lower(rest.join(''), language);
}

function lower(text: string, language: string | null): string {
  return language === null ? text.toLowerCase() : text.toLocaleLowerCase(language);
}

function upper(text: string, language: string | null): string {
  return language === null ? text.toUpperCase() : text.toLocaleUpperCase(language);
}
