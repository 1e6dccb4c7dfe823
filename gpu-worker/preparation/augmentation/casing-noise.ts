import type { Random } from '../../data/random.js';
import { drawOrder, shareOf } from './draws.js';
import { capitalized } from './letter-case.js';
import type { WordChange } from './text-change.js';

/**
 * How a text may be written otherwise: all small, ALL CAPITALS, Each Word With A Capital, or with SOME words in
 * capitals.
 */
type Casing = 'lower' | 'upper' | 'title' | 'shout';

export interface CasingOptions {
  /** One of these is drawn for a text, among those that change it. */
  readonly casings: readonly Casing[];
  /** Share of the words that `shout` writes in capitals: max(1, share · words). */
  readonly share: number;
}

/** Changes the case of words. Null if none of the casings changes one. */
export const changeCase: WordChange<CasingOptions> = (words, random, { casings, share }) => {
  for (const index of drawOrder(casings.length, random)) {
    const changed = inCasing(casings[index]!, words, share, random);
    if (changed.some((word, place) => word !== words[place])) return changed;
  }
  return null;
};

function inCasing(casing: Casing, words: readonly string[], share: number, random: Random): string[] {
  switch (casing) {
    case 'lower':
      return words.map((word) => word.toLowerCase());
    case 'upper':
      return words.map((word) => word.toUpperCase());
    case 'title':
      return words.map((word) => capitalized(word.toLowerCase()));
    case 'shout': {
      const small = [...words.keys()].filter((index) => words[index] !== words[index]!.toUpperCase());
      const order = drawOrder(small.length, random).slice(0, shareOf(words.length, share));
      const chosen = new Set(order.map((index) => small[index]));
      return words.map((word, index) => (chosen.has(index) ? word.toUpperCase() : word));
    }
    default:
      return casing satisfies never;
  }
}
