import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder, freshEncoderConfig } from './fresh.js';

/**
 * RoBERTa (Liu et al. 2019): positions count from padTokenId + 1. Tensors are named as in transformers' `RobertaModel`.
 */
export const RobertaConfig = z.object({
  architecture: z.literal('roberta'),
  ...encoder,
  tokenTypes: z.number().int().positive(),
});
export type RobertaConfig = z.infer<typeof RobertaConfig>;

export const roberta = {
  ...encoderFamily<RobertaConfig>(
    { defaultTargets: ['query', 'value'], givesTokenTypes: false, predictsMasked: true },
    ({ maxPositions, padTokenId }) => maxPositions - padTokenId - 1,
  ),
  fresh: freshEncoder<RobertaConfig>({
    defaults: { normEpsilon: 1e-5, dropout: 0.1 },
    withEmptyPadRow: /(^|\.)(word|position)_embeddings\.weight$/,
    countsByPadToken: true,
    configOf(sizes, tokens) {
      const common = freshEncoderConfig(sizes, tokens);
      const maxPositions = sizes.contextLength + common.padTokenId + 1;
      return { architecture: 'roberta', ...common, maxPositions, tokenTypes: 1 };
    },
  }),
};
