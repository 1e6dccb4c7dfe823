import { type Random, uniform } from '../../data/random.js';
import { drawOne, drawOrder, shareOf } from './draws.js';
import { inCaseOf, startsWithCapital } from './letter-case.js';
import type { WordChange } from './text-change.js';
import type { Thesaurus } from './thesaurus.js';

export interface SynonymOptions {
  readonly thesaurus: Thesaurus;
  /** Share α of the words that are replaced: max(1, α · words). */
  readonly share: number;
}

/**
 * Replaces words by synonyms, EDA's first operation (Wei & Zou 2019, §2). Words are drawn among those that are no stop
 * words and have a synonym; null when none has.
 */
export const replaceBySynonyms: WordChange<SynonymOptions> = (words, random, { thesaurus, share }) => {
  const wanted = shareOf(words.length, share);
  const changed = [...words];
  let replaced = 0;
  for (const index of drawOrder(words.length, random)) {
    const synonym = drawSynonym(words, index, random, thesaurus);
    if (synonym === null) continue;
    changed[index] = synonym;
    replaced += 1;
    if (replaced === wanted) break;
  }
  return replaced === 0 ? null : changed;
};

/**
 * A synonym in the word's case and with its regular ending; null if there is none. A meaning is drawn by its frequency,
 * then one of its words. After `a` or `an`, the synonym begins with the right kind of sound.
 */
export function drawSynonym(
  words: readonly string[],
  index: number,
  random: Random,
  thesaurus: Thesaurus,
): string | null {
  const word = words[index]!;
  if (isName(index, words)) return null;
  let meanings = thesaurus.synonymsOf(word);
  const article = words[index - 1]?.toLowerCase();
  if (article === 'a' || article === 'an') {
    meanings = meanings
      .map((meaning) => ({ ...meaning, words: meaning.words.filter((each) => articleOf(each) === article) }))
      .filter((meaning) => meaning.words.length > 0);
  }
  let left = uniform(random) * meanings.reduce((sum, { weight }) => sum + weight, 0);
  for (const meaning of meanings) {
    left -= meaning.weight;
    if (left < 0) return inCaseOf(word, drawOne(meaning.words, random)!);
  }
  return null;
}

/** A word with capitals among others that have none: `PIN` is no pin, and `Express` in `American Express` no haste. */
function isName(index: number, words: readonly string[]): boolean {
  const word = words[index]!;
  if (word.length > 1 && word === word.toUpperCase()) return words.some((each) => each !== each.toUpperCase());
  return index > 0 && startsWithCapital(word) && words.some((each, place) => place > 0 && !startsWithCapital(each));
}

/** Which indefinite article goes before a word, by its letters. */
function articleOf(word: string): 'a' | 'an' {
  const lower = word.toLowerCase();
  if (/^(?:uni|use|usu|eu|one|once)/.test(lower)) return 'a';
  return /^(?:[aeiou]|hour|honest|honou?r|heir)/.test(lower) ? 'an' : 'a';
}
