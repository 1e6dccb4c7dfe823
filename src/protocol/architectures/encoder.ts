import { z } from 'zod';
import type { Family, Traits } from './traits.js';

/** What most encoders of Hugging Face's `transformers` have in common: post-LayerNorm and learned positions. */
export const encoder = {
  vocabularySize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  intermediateSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  layers: z.number().int().positive(),
  /** Rows of the position table. */
  maxPositions: z.number().int().positive(),
  layerNormEpsilon: z.number().positive(),
  activation: z.enum(['gelu', 'gelu_new', 'relu']),
  /** Of embeddings, attention outputs and feed-forward outputs. */
  hiddenDropout: z.number().min(0).lt(1),
  /** Of attention probabilities. */
  attentionDropout: z.number().min(0).lt(1),
  /** Of what a head reads. */
  classifierDropout: z.number().min(0).lt(1),
  padTokenId: z.number().int().min(0),
};

interface Sizes {
  readonly hiddenSize: number;
  readonly maxPositions: number;
}

/** A family of such encoders. @param ownTraits `defaultTargets` are the names of its query and value projections */
export function encoderFamily<Config extends Sizes>(
  ownTraits: Pick<Traits, 'defaultTargets' | 'givesTokenTypes' | 'predictsMasked' | 'poolsAll'> &
    Partial<Pick<Traits, 'hasGates'>>,
  longestText: (config: Config) => number = ({ maxPositions }) => maxPositions,
): Family<Config> {
  return {
    traits: {
      isCausal: false,
      readsPairs: true,
      hasOwnPooler: false,
      hasOneGraphForAllLengths: true,
      runsFromStates: true,
      storesInputsFirst: false,
      isInTransformers: true,
      hasGates: false,
      moreNorms: 'none',
      textHeadsHaveBias: true,
      ...ownTraits,
      defaultDropout: null,
      poolings: ['firstToken', 'mean'],
      defaultPooling: 'firstToken',
    },
    longestText,
    textWidth: ({ hiddenSize }) => hiddenSize,
  };
}
