import { z } from 'zod';
import { freshRotary, freshRotaryConfig } from './fresh.js';
import { rotaryDecoder, rotaryFamily } from './rotary-decoder.js';

/** Llama (Touvron et al. 2023), and so SmolLM. Tensors are named as in transformers' `LlamaModel`. */
export const LlamaConfig = z.object({ architecture: z.literal('llama'), ...rotaryDecoder });
export type LlamaConfig = z.infer<typeof LlamaConfig>;

export const llama = {
  ...rotaryFamily<LlamaConfig>(),
  fresh: freshRotary<LlamaConfig>((sizes, tokens) => ({
    architecture: 'llama',
    ...freshRotaryConfig(sizes, tokens),
  })),
};
