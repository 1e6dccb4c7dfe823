import { z } from 'zod';
import { freshRotary, freshRotaryConfig } from './fresh.js';
import { layersThatDiffer, rotaryDecoder, rotaryFamily } from './rotary-decoder.js';

/**
 * The decoder of Gemma 3 (Gemma Team 2025, arXiv:2503.19786): norms before and after attention and feed-forward
 * network, most layers with a sliding window and rotary positions of their own. Tensors are named as in transformers'
 * `Gemma3TextModel`.
 */
export const Gemma3TextConfig = z.object({
  architecture: z.literal('gemma3_text'),
  ...rotaryDecoder,
  ...layersThatDiffer,
  feedForwardBias: z.literal(false),
  /** The rotary base of the layers with the window, which have no scaling; `rotaryBase` is that of the others. */
  slidingRotaryBase: z.number().positive(),
  /** Scores are divided by its square root, and not by that of `headSize`. */
  queryScalar: z.number().positive(),
});
export type Gemma3TextConfig = z.infer<typeof Gemma3TextConfig>;

export const gemma3Text = {
  ...rotaryFamily<Gemma3TextConfig>('ofHeadsAndOutputs'),
  fresh: freshRotary<Gemma3TextConfig>(
    (sizes, tokens) => {
      const common = freshRotaryConfig(sizes, tokens);
      return {
        architecture: 'gemma3_text',
        ...common,
        padTokenId: tokens.padTokenId ?? 0,
        slidingLayers: Array.from({ length: sizes.layers }, () => false),
        slidingRotaryBase: sizes.rotaryBase,
        queryScalar: common.headSize,
      };
    },
    { normWeight: 0 },
  ),
};
