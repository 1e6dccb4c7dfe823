import type { Masking } from '../../src/protocol/methods/index.js';
import type { MaskableTexts } from './masked-documents.js';
import { createRandom, uniform } from './random.js';
import type { TokenRows } from './token-sequences.js';

/** Keeps the random numbers of masking apart from those of the batch order. */
const maskingStream = 0x6d61736b;

/** The epoch of texts that are only measured: their masks are drawn once, and stay the same for all evaluations. */
export const measuredEpoch = 0xffffffff;

/** Of the drawn tokens, 80 % are replaced by the mask and 10 % by a random token (Devlin et al. 2019, §3.1). */
const maskedShare = 0.8;
const replacedShare = 0.1;

/**
 * Draws the tokens to predict, and what the model reads in their place: a mask, any token of the vocabulary, or the
 * token itself. Each word, or each token, is drawn with the probability `share`. The draw depends on the seed, the
 * epoch and the row alone. That is what `DataCollatorForLanguageModeling` of transformers does, for whole words too.
 * O(tokens).
 */
export function maskRows(
  { ids, offsets, words, maskId, vocabularySize }: MaskableTexts,
  { share, wholeWords }: Masking,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): TokenRows {
  const R = offsets.length - 1;
  const shown = ids.slice();
  const isTarget = new Uint8Array(ids.length);
  const lengths = new Int32Array(R);
  const targetCounts = new Int32Array(R);
  for (let row = 0; row < R; row++) {
    const random = createRandom(seed, maskingStream, epoch, row);
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    lengths[row] = end - start;
    let isDrawn = false;
    for (let token = start; token < end; token++) {
      if (words[token] === -1) continue;
      const goesOn = wholeWords && token > start && words[token] === words[token - 1];
      if (!goesOn) isDrawn = uniform(random) < share;
      if (!isDrawn) continue;
      isTarget[token] = 1;
      targetCounts[row]! += 1;
      const kind = uniform(random);
      if (kind < maskedShare) shown[token] = maskId;
      else if (kind < maskedShare + replacedShare) shown[token] = Math.floor(uniform(random) * vocabularySize);
    }
  }
  return { ids: shown, labels: ids, isTarget, offsets, lengths, targetCounts, segments: null };
}

/** Targets of each row that its share seldom exceeds: four standard deviations above the mean. */
export function likelyTargets({ offsets }: Pick<MaskableTexts, 'offsets'>, { share }: Masking): Int32Array {
  return Int32Array.from({ length: offsets.length - 1 }, (_, row) => {
    const tokens = offsets[row + 1]! - offsets[row]!;
    return Math.min(tokens, Math.ceil(tokens * share + 4 * Math.sqrt(tokens * share * (1 - share))));
  });
}
