import { z } from 'zod';
import { decoder, decoderFamily } from './decoder.js';
import { freshEncoderConfig } from './fresh.js';
import type { Family } from './traits.js';

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

export const gpt2 = {
  ...decoderFamily<Gpt2Config>({
    // Query, key and value are one matrix.
    defaultTargets: ['c_attn'],
    // transformers' Conv1D.
    storesInputsFirst: true,
    hasGates: false,
    moreNorms: 'none',
  }),
  fresh: {
    takes: ['tiesEmbeddings', 'normEpsilon'],
    defaults: { normEpsilon: 1e-5, dropout: 0.1 },
    configOf: (sizes, tokens) => ({
      architecture: 'gpt2',
      ...freshEncoderConfig(sizes, tokens),
      activation: 'gelu_new',
      embeddingDropout: sizes.dropout,
      padTokenId: tokens.padTokenId,
      tiesEmbeddings: sizes.tiesEmbeddings,
    }),
    normWeight: 1,
    // Radford et al. 2019, section 2.3.
    scaledDown: /\.c_proj\.weight$/,
    withEmptyPadRow: null,
    countsByPadToken: false,
  },
} satisfies Family<Gpt2Config>;
