import { eachGroupOfEqualKeys } from '../../gpu-worker/preparation/duplicates/equal-keys.js';
import {
  createNearIndex,
  type NearIndex,
  type NearParameters,
} from '../../gpu-worker/preparation/duplicates/near-index.js';

export function indexOf(texts: readonly string[], parameters: NearParameters): NearIndex {
  const index = createNearIndex(texts.length, parameters);
  for (const text of texts) index.add(text);
  return index;
}

/** All pairs that are equal in at least one band, ascending; with sets, those of them that are similar. */
export function pairsOf(index: NearIndex): readonly (readonly [number, number])[] {
  const pairs = new Map<number, readonly [number, number]>();
  const texts = Uint32Array.from({ length: index.count }, (_, text) => text).filter(index.hasShingles);
  for (const { high, low } of index.bands) {
    eachGroupOfEqualKeys(texts, high, low, (group) => {
      for (const [i, one] of group.entries()) {
        for (const other of group.subarray(i + 1)) {
          const isPair = index.sets === null || index.sets.areSimilar(one, other, index.parameters.threshold);
          if (isPair) pairs.set(one * index.count + other, [one, other]);
        }
      }
    });
  }
  return [...pairs].sort(([a], [b]) => a - b).map(([, pair]) => pair);
}
