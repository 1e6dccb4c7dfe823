import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';

/**
 * MPNet (Song et al. 2020, arXiv:2004.09297): positions count from 2, and every layer adds one bias by the distance of
 * two tokens; no token types. Tensors are named as in transformers' `MPNetModel`.
 */
export const MpnetConfig = z.object({ architecture: z.literal('mpnet'), ...encoder });
export type MpnetConfig = z.infer<typeof MpnetConfig>;

/** The row of the position table that the first token has: transformers' code has the number, and no key changes it. */
export const firstMpnetPosition = 2;

/** None is made from nothing: the padding token has to have the id 1, which a tokenizer rarely gives it. */
export const mpnet = encoderFamily<MpnetConfig>(
  { defaultTargets: ['q', 'v'], givesTokenTypes: false, predictsMasked: true },
  ({ maxPositions }) => maxPositions - firstMpnetPosition,
);
