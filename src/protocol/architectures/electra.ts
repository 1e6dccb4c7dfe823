import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder, freshEncoderConfig } from './fresh.js';

/**
 * ELECTRA (Clark et al. 2020, arXiv:2003.10555), its discriminator: BERT with embeddings of a width of their own.
 * Tensors are named as in transformers' `ElectraModel`.
 */
export const ElectraConfig = z.object({
  architecture: z.literal('electra'),
  ...encoder,
  tokenTypes: z.number().int().positive(),
  /** Width of the embeddings; a projection brings them to `hiddenSize` where that is another. */
  embeddingSize: z.number().int().positive(),
});
export type ElectraConfig = z.infer<typeof ElectraConfig>;

export const electra = {
  ...encoderFamily<ElectraConfig>({ defaultTargets: ['query', 'value'], givesTokenTypes: true, predictsMasked: true }),
  fresh: freshEncoder<ElectraConfig>({
    configOf: (sizes, tokens) => ({
      architecture: 'electra',
      ...freshEncoderConfig(sizes, tokens),
      tokenTypes: 2,
      embeddingSize: sizes.hiddenSize,
    }),
  }),
};
