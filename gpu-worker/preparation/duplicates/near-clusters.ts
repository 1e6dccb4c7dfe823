import { createDisjointSets, type DisjointSets } from './disjoint-sets.js';
import { eachGroupOfEqualKeys } from './equal-keys.js';
import type { NearIndex } from './near-index.js';

/** How many comparisons lie between two signs of life; each takes less than a microsecond for texts of 50 words. */
const comparisonsPerBeat = 4096;

/**
 * Sets of texts that hang together by near copies: two texts are in one set if a chain of near copies leads from one to
 * the other, so that a set does not depend on the order of the texts. The ends of a chain may be less similar than the
 * threshold.
 *
 * Texts with equal shingle sets are united first, and one of them stands for all. In a group of candidates, texts that
 * are in one set already are not compared: a group of n near copies takes about n comparisons. Groups of n texts that
 * are not similar, though equal in a band, take n² / 2.
 */
export function clusterNearCopies(index: NearIndex, beat: () => void): DisjointSets {
  const { bands, whole, sets, parameters } = index;
  const clusters = createDisjointSets(index.count);
  const texts = Uint32Array.from({ length: index.count }, (_, text) => text).filter(index.hasShingles);
  if (sets === null) {
    for (const { high, low } of bands) {
      beat();
      eachGroupOfEqualKeys(texts, high, low, (group) => {
        for (const text of group) clusters.unite(group[0]!, text);
      });
    }
    return clusters;
  }
  eachGroupOfEqualKeys(texts, whole.high, whole.low, (group) => {
    for (const text of group) if (sets.jaccard(group[0]!, text) === 1) clusters.unite(group[0]!, text);
  });
  const different = texts.filter((text) => clusters.find(text) === text);
  let comparisons = 0;
  const areSimilar = (one: number, other: number): boolean => {
    if (++comparisons % comparisonsPerBeat === 0) beat();
    return sets.areSimilar(one, other, parameters.threshold);
  };
  for (const { high, low } of bands) {
    beat();
    eachGroupOfEqualKeys(different, high, low, (group) => uniteSimilar(group, clusters, areSimilar));
  }
  return clusters;
}

/** Unites the texts of a group of candidates that are similar, or hang together by others of the group that are. */
function uniteSimilar(
  group: Uint32Array,
  clusters: DisjointSets,
  areSimilar: (one: number, other: number) => boolean,
): void {
  const parts: number[][] = [];
  for (const text of group) {
    const joined = parts.filter((part) => {
      const isJoined = clusters.find(part[0]!) === clusters.find(text) || part.some((other) => areSimilar(other, text));
      if (isJoined) clusters.unite(part[0]!, text);
      return isJoined;
    });
    const [first, ...others] = joined;
    if (first === undefined) parts.push([text]);
    else {
      first.push(text);
      for (const other of others) {
        for (const member of other) first.push(member);
        parts.splice(parts.indexOf(other), 1);
      }
    }
  }
}
