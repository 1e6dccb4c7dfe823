import { ln } from '../portable-math.js';
import type { MaskableTexts } from './masked-documents.js';

/**
 * ln of each token's share of the texts' tokens, special ones aside: [V]. Each token of the vocabulary counts once
 * more than it occurs, so that none has the share 0 (Laplace). O(tokens + V).
 *
 * @param vocabularySize V, at least that of the tokenizer
 */
export function logFrequencies(
  { ids, words }: Pick<MaskableTexts, 'ids' | 'words'>,
  vocabularySize: number,
): Float32Array {
  const counts = new Float64Array(vocabularySize).fill(1);
  let all = vocabularySize;
  for (const [index, id] of ids.entries()) {
    if (words[index] === -1) continue;
    counts[id]! += 1;
    all += 1;
  }
  return Float32Array.from(counts, (count) => ln(count / all));
}
