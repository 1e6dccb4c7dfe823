import { z } from 'zod';
import type { Family } from './traits.js';

/** Universal Sentence Encoder Lite: two pre-LayerNorm layers, mean pool, tanh projection, unit length. */
export const UseLiteConfig = z.object({
  architecture: z.literal('use-lite'),
  vocabularySize: z.number().int().positive(),
  embeddingSize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  intermediateSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  layers: z.number().int().positive(),
  layerNormEpsilon: z.number().positive(),
  maxPositions: z.number().int().positive(),
  outputSize: z.number().int().positive(),
});
export type UseLiteConfig = z.infer<typeof UseLiteConfig>;

export const useLite: Family<UseLiteConfig> = {
  traits: {
    isCausal: false,
    readsPairs: false,
    givesTokenTypes: false,
    hasOwnPooler: true,
    hasOneGraphForAllLengths: false,
    runsFromStates: false,
    // As its published graph multiplies them.
    storesInputsFirst: true,
    isInTransformers: false,
    hasGates: false,
    moreNorms: 'none',
    textHeadsHaveBias: true,
    // Query, key and value are one matrix.
    defaultTargets: ['query_key_value'],
    // For the few epochs that are usual here, dropout only slows learning.
    defaultDropout: 0,
    poolings: [],
    defaultPooling: null,
  },
  longestText: ({ maxPositions }) => maxPositions,
  textWidth: ({ outputSize }) => outputSize,
};
