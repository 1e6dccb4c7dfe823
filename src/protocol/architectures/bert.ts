import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder, freshEncoderConfig } from './fresh.js';

/** BERT (Devlin et al. 2019), and so MiniLM. Tensors are named as in transformers' `BertModel`. */
export const BertConfig = z.object({
  architecture: z.literal('bert'),
  ...encoder,
  tokenTypes: z.number().int().positive(),
});
export type BertConfig = z.infer<typeof BertConfig>;

export const bert = {
  ...encoderFamily<BertConfig>({ defaultTargets: ['query', 'value'], givesTokenTypes: true, predictsMasked: true }),
  fresh: freshEncoder<BertConfig>({
    configOf: (sizes, tokens) => ({ architecture: 'bert', ...freshEncoderConfig(sizes, tokens), tokenTypes: 2 }),
  }),
};
