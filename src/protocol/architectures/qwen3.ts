import { z } from 'zod';
import { freshRotary, freshRotaryConfig } from './fresh.js';
import { layersThatDiffer, rotaryDecoder, rotaryFamily } from './rotary-decoder.js';

/**
 * Qwen3 (Yang et al. 2025, arXiv:2505.09388): Llama with an RMSNorm of each head's queries and keys, and layers that
 * may read through a sliding window. Tensors are named as in transformers' `Qwen3Model`.
 */
export const Qwen3Config = z.object({
  architecture: z.literal('qwen3'),
  ...rotaryDecoder,
  ...layersThatDiffer,
  feedForwardBias: z.literal(false),
});
export type Qwen3Config = z.infer<typeof Qwen3Config>;

export const qwen3 = {
  ...rotaryFamily<Qwen3Config>('ofHeads'),
  fresh: freshRotary<Qwen3Config>((sizes, tokens) => ({
    architecture: 'qwen3',
    ...freshRotaryConfig(sizes, tokens),
    slidingLayers: Array.from({ length: sizes.layers }, () => false),
  })),
};
