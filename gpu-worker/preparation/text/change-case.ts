import type { LetterCase } from '../../../src/protocol/preparation/steps/cleaning.js';

/** What may stand before the first letter of a text and of a word, in parts: quotation marks, brackets and the like. */
const beforeText = /[^\p{L}\p{N}]{1,1024}/uy;
const beforeWord = /[^\p{L}\p{N}\p{White_Space}]{1,1024}/uy;
const letter = /\p{L}/uy;
const wordBegins = /(?:^|(?<=\p{White_Space}))\P{White_Space}/gu;

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
      return raiseAt(lower(text, language), [0], beforeText, language);
    case 'title': {
      const low = lower(text, language);
      return raiseAt(low, beginsOf(low), beforeWord, language);
    }
    default:
      return to satisfies never;
  }
}

function* beginsOf(text: string): Generator<number, void, undefined> {
  for (const { index } of text.matchAll(wordBegins)) yield index;
}

/** Raises the letters that stand at these places, or behind what may be before them. */
function raiseAt(text: string, places: Iterable<number>, before: RegExp, language: string | null): string {
  let done = '';
  let end = 0;
  for (const place of places) {
    let at = place;
    for (before.lastIndex = at; before.test(text); at = before.lastIndex);
    letter.lastIndex = at;
    const [found] = letter.exec(text) ?? [];
    if (found === undefined) continue;
    done += text.slice(end, at) + raised(found, language);
    end = at + found.length;
  }
  return done + text.slice(end);
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
