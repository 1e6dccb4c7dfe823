import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder, freshEncoderConfig } from './fresh.js';

/** DistilBERT (Sanh et al. 2019): no token types. Tensors are named as in transformers' `DistilBertModel`. */
export const DistilBertConfig = z.object({ architecture: z.literal('distilbert'), ...encoder });
export type DistilBertConfig = z.infer<typeof DistilBertConfig>;

export const distilBert = {
  ...encoderFamily<DistilBertConfig>({
    defaultTargets: ['q_lin', 'v_lin'],
    givesTokenTypes: false,
    predictsMasked: true,
  }),
  fresh: freshEncoder<DistilBertConfig>({
    // Its norms add 1e-12 in transformers, whatever a configuration says.
    takes: [],
    configOf: (sizes, tokens) => ({
      architecture: 'distilbert',
      ...freshEncoderConfig(sizes, tokens),
      layerNormEpsilon: 1e-12,
    }),
  }),
};
