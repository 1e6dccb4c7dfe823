import { eachGroupOfEqualKeys } from './equal-keys.js';
import type { NearIndex } from './near-index.js';

/** How many comparisons lie between two signs of life. */
const comparisonsPerBeat = 4096;

/**
 * For each of the first `own` texts of the index, a text after them that it is a near copy of; −1 where there is none.
 * Chains do not count: the two are near copies themselves.
 */
export function matchNearCopies(index: NearIndex, own: number, beat: () => void): Int32Array {
  const { bands, sets, parameters } = index;
  const matches = new Int32Array(own).fill(-1);
  const texts = Uint32Array.from({ length: index.count }, (_, text) => text).filter(index.hasShingles);
  const standIns = standInsOf(index, texts, own, matches);
  const different = texts.filter((text) => standIns[text] === text);
  let comparisons = 0;
  const areSimilar = (one: number, other: number): boolean => {
    if (++comparisons % comparisonsPerBeat === 0) beat();
    return sets === null || sets.areSimilar(one, other, parameters.threshold);
  };
  for (const { high, low } of bands) {
    beat();
    eachGroupOfEqualKeys(different, high, low, (group) => {
      // The group is ascending, so that the own texts come first.
      const others = group.filter((text) => text >= own);
      for (let i = 0; i < group.length - others.length; i++) {
        const text = group[i]!;
        if (matches[text] === -1) matches[text] = others.find((other) => areSimilar(text, other)) ?? -1;
      }
    });
  }
  for (let text = 0; text < own; text++) {
    if (matches[text] === -1) matches[text] = matches[standIns[text]!]!;
  }
  return matches;
}

/**
 * For each text the first on its side with an equal shingle set, which is compared in its place. Own texts whose set
 * occurs on the other side are matched at once.
 */
function standInsOf(
  { whole, sets, count }: NearIndex,
  texts: Uint32Array,
  own: number,
  matches: Int32Array,
): Uint32Array {
  const standIns = Uint32Array.from({ length: count }, (_, text) => text);
  if (sets === null) return standIns;
  eachGroupOfEqualKeys(texts, whole.high, whole.low, (group) => {
    const equal = group.filter((text) => sets.jaccard(group[0]!, text) === 1);
    const firstOther = equal.find((text) => text >= own);
    for (const text of equal) {
      if (text >= own) standIns[text] = firstOther!;
      else {
        standIns[text] = equal[0]!;
        matches[text] = firstOther ?? -1;
      }
    }
  });
  return standIns;
}
