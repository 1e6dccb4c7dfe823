import { z } from 'zod';
import type { Family, Traits } from './traits.js';

/** What the decoders of Hugging Face's `transformers` have in common: a token reads itself and those before it. */
export const decoder = {
  vocabularySize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  intermediateSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  layers: z.number().int().positive(),
  /** Positions of the longest text of its pre-training; the rows of the position table, where there is one. */
  maxPositions: z.number().int().positive(),
  /** Of attention probabilities. */
  attentionDropout: z.number().min(0).lt(1),
  /** Of what a head of tokens reads. Heads of whole texts read without dropout, as in transformers. */
  classifierDropout: z.number().min(0).lt(1),
  /** The token that fills up short texts; null where the model names none. */
  padTokenId: z.number().int().min(0).nullable(),
  /** Whether the logits of the next token are products with the table of embeddings, where there is no other table. */
  tiesEmbeddings: z.boolean(),
};

interface Sizes {
  readonly hiddenSize: number;
  readonly maxPositions: number;
}

/** A family of such decoders. @param ownTraits `defaultTargets` are the names of its query and value projections */
export function decoderFamily<Config extends Sizes>(
  ownTraits: Pick<Traits, 'defaultTargets' | 'storesInputsFirst' | 'hasGates' | 'moreNorms'>,
  longestText: (config: Config) => number = ({ maxPositions }) => maxPositions,
): Family<Config> {
  return {
    traits: {
      isCausal: true,
      readsPairs: true,
      givesTokenTypes: false,
      hasOwnPooler: false,
      hasOneGraphForAllLengths: true,
      runsFromStates: true,
      isInTransformers: true,
      // As `score` of transformers' classifiers.
      textHeadsHaveBias: false,
      ...ownTraits,
      defaultDropout: null,
      poolings: ['lastToken', 'mean'],
      defaultPooling: 'lastToken',
    },
    longestText,
    textWidth: ({ hiddenSize }) => hiddenSize,
  };
}
