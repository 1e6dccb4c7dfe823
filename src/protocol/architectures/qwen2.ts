import { z } from 'zod';
import { freshRotary, freshRotaryConfig } from './fresh.js';
import { layersThatDiffer, rotaryDecoder, rotaryFamily } from './rotary-decoder.js';

/**
 * Qwen2 (Yang et al. 2024, arXiv:2407.10671) and Qwen2.5: Llama with biases, and layers that may read through a sliding
 * window. Tensors are named as in transformers' `Qwen2Model`.
 */
export const Qwen2Config = z.object({
  architecture: z.literal('qwen2'),
  ...rotaryDecoder,
  ...layersThatDiffer,
  /** Of queries, keys and values; what attention gives is projected without one. */
  attentionBias: z.literal(true),
  feedForwardBias: z.literal(false),
});
export type Qwen2Config = z.infer<typeof Qwen2Config>;

export const qwen2 = {
  ...rotaryFamily<Qwen2Config>(),
  fresh: freshRotary<Qwen2Config>((sizes, tokens) => ({
    architecture: 'qwen2',
    ...freshRotaryConfig(sizes, tokens),
    slidingLayers: Array.from({ length: sizes.layers }, () => false),
    attentionBias: true,
  })),
};
