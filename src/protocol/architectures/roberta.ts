import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';

/**
 * RoBERTa (Liu et al. 2019): positions count from padTokenId + 1. Tensors are named as in transformers' `RobertaModel`.
 */
export const RobertaConfig = z.object({
  architecture: z.literal('roberta'),
  ...encoder,
  tokenTypes: z.number().int().positive(),
});
export type RobertaConfig = z.infer<typeof RobertaConfig>;

export const roberta = encoderFamily<RobertaConfig>(
  { defaultTargets: ['query', 'value'], givesTokenTypes: false },
  ({ maxPositions, padTokenId }) => maxPositions - padTokenId - 1,
);
