import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder } from './fresh.js';
import { roberta } from './roberta.js';

/**
 * XLM-RoBERTa (Conneau et al. 2019, arXiv:1911.02116): RoBERTa with the vocabulary of a hundred languages. Tensors are
 * named as in transformers' `XLMRobertaModel`.
 */
export const XlmRobertaConfig = z.object({
  architecture: z.literal('xlm-roberta'),
  ...encoder,
  tokenTypes: z.number().int().positive(),
});
export type XlmRobertaConfig = z.infer<typeof XlmRobertaConfig>;

export const xlmRoberta = {
  ...encoderFamily<XlmRobertaConfig>(
    { defaultTargets: ['query', 'value'], givesTokenTypes: false, predictsMasked: true },
    ({ maxPositions, padTokenId }) => maxPositions - padTokenId - 1,
  ),
  fresh: freshEncoder<XlmRobertaConfig>({
    ...roberta.fresh,
    configOf: (sizes, tokens) => ({ ...roberta.fresh.configOf(sizes, tokens), architecture: 'xlm-roberta' }),
  }),
};
