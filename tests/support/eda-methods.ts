import type { AugmentationMethod } from '../../src/protocol/preparation/steps/augmentation.js';

/** EDA's four operations. @param leastShareOfMeaning 0 in the paper, where any word of any synset is a synonym */
export function edaMethods(share: number | null, leastShareOfMeaning: number): AugmentationMethod[] {
  return [
    { kind: 'synonyms', share, leastShareOfMeaning, phrases: false },
    { kind: 'randomInsertion', share, leastShareOfMeaning },
    { kind: 'randomSwap', share },
    { kind: 'randomDeletion', share },
  ];
}
