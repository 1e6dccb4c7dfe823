import { uniform } from '../../data/random.js';
import { drawBelow, drawOrder, shareOf } from './draws.js';
import { withoutCapital } from './letter-case.js';
import type { SplitText } from './split-text.js';
import { drawSynonym, type SynonymOptions } from './synonyms.js';
import { inPieces, inPlace } from './text-change.js';

/** Share α of the words, as in `shareOf`; of a deletion the probability of each word. */
export interface ShareOptions {
  readonly share: number;
}

/**
 * Exchanges two words, max(1, α · words) times (EDA's random swap, Wei & Zou 2019, §2). The text has the same words
 * afterwards, in another order; null if all of its words are equal.
 */
export const swapWords = inPlace<ShareOptions>((words, random, { share }) => {
  const first = words[0];
  if (words.every((word) => word === first)) return null;
  const changed = [...words];
  const swap = (): void => {
    const one = drawBelow(changed.length, random);
    const others = [...changed.keys()].filter((index) => changed[index] !== changed[one]);
    const other = others[drawBelow(others.length, random)]!;
    [changed[one], changed[other]] = [changed[other]!, changed[one]!];
  };
  for (let done = 0; done < shareOf(words.length, share); done++) swap();
  // Several swaps may undo one another; one more can not.
  if (changed.every((word, index) => word === words[index])) swap();
  return changed;
});

/**
 * Deletes each word with probability α (EDA's random deletion), but at least one and never all. The white space before
 * a deleted word goes with it, or else that after it. Null for a text of less than two words.
 */
export const deleteWords = inPieces<ShareOptions>(({ words, gaps }, random, { share }) => {
  if (words.length < 2) return null;
  const deleted = new Set([...words.keys()].filter(() => uniform(random) < share));
  if (deleted.size === 0) deleted.add(drawBelow(words.length, random));
  if (deleted.size === words.length) deleted.delete(drawBelow(words.length, random));
  const kept: string[] = [];
  const between: string[] = [gaps[0]!];
  const last = [...words.keys()].findLast((index) => !deleted.has(index))!;
  for (const [index, word] of words.entries()) {
    const after = gaps[index + 1]!;
    if (deleted.has(index)) {
      const isAtEnd = kept.length === 0 || index > last;
      between.push(closeGap(between.pop()!, after, isAtEnd));
    } else {
      kept.push(word);
      between.push(after);
    }
  }
  return { words: kept, gaps: between };
});

/**
 * What stands where a word was, from what stood before and after it.
 *
 * @param isAtEnd whether the text begins or ends there: two words that stay keep the space between them
 */
function closeGap(before: string, after: string, isAtEnd: boolean): string {
  const trimmed = before.trimEnd();
  const closed = trimmed === before ? before + after.trimStart() : trimmed + after;
  return closed === '' && !isAtEnd ? before + after : closed;
}

/**
 * Inserts synonyms of drawn words at drawn places, max(1, α · words) times (EDA's random insertion). Null if no word
 * has a synonym.
 */
export const insertSynonyms = inPieces<SynonymOptions>((split, random, options) => {
  const { words } = split;
  let changed: SplitText | null = null;
  for (let done = 0; done < shareOf(words.length, options.share); done++) {
    let synonym: string | null = null;
    for (const index of drawOrder(words.length, random)) {
      synonym = drawSynonym(words, index, random, options.thesaurus);
      if (synonym !== null) break;
    }
    if (synonym === null) return null;
    changed = insertWord(
      changed ?? split,
      drawBelow((changed ?? split).words.length + 1, random),
      withoutCapital(synonym),
    );
  }
  return changed;
});

/** Inserts a word before that at `place`, or after the last one, with a space between. */
function insertWord({ words, gaps }: SplitText, place: number, word: string): SplitText {
  const isLast = place === words.length;
  return {
    words: [...words.slice(0, place), word, ...words.slice(place)],
    gaps: isLast
      ? [...gaps.slice(0, -1), ' ', gaps.at(-1)!]
      : [...gaps.slice(0, place + 1), ' ', ...gaps.slice(place + 1)],
  };
}
