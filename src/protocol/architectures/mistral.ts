import { z } from 'zod';
import { freshRotary, freshRotaryConfig } from './fresh.js';
import { rotaryDecoder, rotaryFamily } from './rotary-decoder.js';

/** Mistral (Jiang et al. 2023): Llama with a sliding window. Tensors are named as in transformers' `MistralModel`. */
export const MistralConfig = z.object({ architecture: z.literal('mistral'), ...rotaryDecoder });
export type MistralConfig = z.infer<typeof MistralConfig>;

export const mistral = {
  ...rotaryFamily<MistralConfig>(),
  fresh: freshRotary<MistralConfig>(
    (sizes, tokens) => ({ architecture: 'mistral', ...freshRotaryConfig(sizes, tokens) }),
    { more: ['slidingWindow'] },
  ),
};
