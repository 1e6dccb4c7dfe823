import type { LetterCase } from '../../../src/protocol/preparation/steps/cleaning.js';

/** The first letter of a text, or of a word: white space, quotation marks, brackets and the like may stand before it. */
const firstLetter = /^([^\p{L}\p{N}]*)(\p{L})/u;
const words = /[^\p{White_Space}]+/gu;

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
      return capitalized(lower(text, language), language);
    case 'title':
      return lower(text, language).replace(words, (word) => capitalized(word, language));
    default:
      return to satisfies never;
  }
}

function capitalized(text: string, language: string | null): string {
  return text.replace(firstLetter, (_, before: string, letter: string) => {
    // Of a letter that becomes several, such as “ß”, only the first is raised: “Ss”.
    const [first = '', ...rest] = upper(letter, language);
    return `${before}${first}${lower(rest.join(''), language)}`;
  });
}

function lower(text: string, language: string | null): string {
  return language === null ? text.toLowerCase() : text.toLocaleLowerCase(language);
}

function upper(text: string, language: string | null): string {
  return language === null ? text.toUpperCase() : text.toLocaleUpperCase(language);
}
