import type { Random } from '../../data/random.js';
import { drawBelow, drawOne, drawOrder, shareOf } from './draws.js';
import { type Keyboard, neighbours } from './keyboards.js';
import { inCaseOf } from './letter-case.js';
import type { WordChange } from './text-change.js';

/**
 * What may happen to a word: a key beside the right one, a key too many, a letter too few, two letters in the wrong
 * order. These are Damerau's four errors (1964), of which he counts 80 % of all misspellings.
 */
export type Typo = 'neighbour' | 'insert' | 'delete' | 'transpose';

export interface CharacterNoiseOptions {
  /** Share of the words that get one typo each: max(1, share · words). */
  readonly share: number;
  readonly typos: readonly Typo[];
  readonly keyboard: Keyboard;
  /** Whether the first and the last letter of a word stay, by which people read it (Pruthi et al. 2019, §3). */
  readonly keepsEnds: boolean;
}

/** Puts one typo into each of some words. Null if no word is long enough for one. */
export const mistype: WordChange<CharacterNoiseOptions> = (words, random, options) => {
  const wanted = shareOf(words.length, options.share);
  const changed = [...words];
  let done = 0;
  for (const index of drawOrder(words.length, random)) {
    const mistyped = mistypeWord(words[index]!, random, options);
    if (mistyped === null) continue;
    changed[index] = mistyped;
    done += 1;
    if (done === wanted) break;
  }
  return done === 0 ? null : changed;
};

/** A letter or digit with its combining marks (64 at most), or another character; none is half of a surrogate pair. */
const character = /[\p{L}\p{N}]\p{M}{0,64}|./gsu;

function mistypeWord(word: string, random: Random, options: CharacterNoiseOptions): string | null {
  // A wrong digit would make another number of it, and a mark alone is no word.
  if (!/\p{L}/u.test(word)) return null;
  const letters = word.match(character) ?? [];
  for (const index of drawOrder(options.typos.length, random)) {
    const mistyped = apply(options.typos[index]!, letters, random, options);
    if (mistyped !== null && mistyped !== word) return mistyped;
  }
  return null;
}

function apply(
  typo: Typo,
  letters: readonly string[],
  random: Random,
  { keyboard, keepsEnds }: CharacterNoiseOptions,
): string | null {
  const [first, last] = keepsEnds ? [1, letters.length - 2] : [0, letters.length - 1];
  const keys = neighbours(keyboard);
  const near = (index: number): readonly string[] => keys.get(letters[index]!.toLowerCase()) ?? [];
  const allowed = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  switch (typo) {
    case 'neighbour': {
      const index = drawOne(
        allowed.filter((each) => near(each).length > 0),
        random,
      );
      if (index === undefined) return null;
      return spliced(letters, index, 1, inCaseOf(letters[index]!, drawOne(near(index), random)!));
    }
    case 'insert': {
      // The finger hits a second key with the right one, or the same key twice.
      const index = drawOne(keepsEnds ? allowed : [...letters.keys()], random);
      if (index === undefined) return null;
      const added = drawOne([letters[index]!.toLowerCase(), ...near(index)], random)!;
      return spliced(letters, index + 1, 0, inCaseOf(letters[index]!, added));
    }
    case 'delete': {
      // A word of one letter would be gone.
      const index = drawOne(letters.length < 2 ? [] : allowed, random);
      return index === undefined ? null : spliced(letters, index, 1, '');
    }
    case 'transpose': {
      const unequal = allowed.filter((each) => each < last && letters[each] !== letters[each + 1]);
      if (unequal.length === 0) return null;
      const index = unequal[drawBelow(unequal.length, random)]!;
      return spliced(letters, index, 2, letters[index + 1]! + letters[index]!);
    }
    default:
      return typo satisfies never;
  }
}

function spliced(letters: readonly string[], start: number, deleted: number, inserted: string): string {
  return letters.slice(0, start).join('') + inserted + letters.slice(start + deleted).join('');
}
