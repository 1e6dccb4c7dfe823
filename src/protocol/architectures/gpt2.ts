import { z } from 'zod';
import { decoder, decoderFamily } from './decoder.js';

/** GPT-2 (Radford et al. 2019): learned positions. Tensors are named as in transformers' `GPT2Model`. */
export const Gpt2Config = z.object({
  architecture: z.literal('gpt2'),
  ...decoder,
  layerNormEpsilon: z.number().positive(),
  activation: z.enum(['gelu', 'gelu_new', 'relu']),
  /** Of the sum of token and position embeddings. */
  embeddingDropout: z.number().min(0).lt(1),
  /** Of attention outputs and feed-forward outputs. */
  hiddenDropout: z.number().min(0).lt(1),
});
export type Gpt2Config = z.infer<typeof Gpt2Config>;

export const gpt2 = decoderFamily<Gpt2Config>({
  // Query, key and value are one matrix.
  defaultTargets: ['c_attn'],
  // transformers' Conv1D.
  storesInputsFirst: true,
  hasGates: false,
  moreNorms: 'none',
});
