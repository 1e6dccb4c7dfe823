import { z } from 'zod';

/** Most rows or columns of a table of a model, and most layers: lists of that length are made later. */
export const largestSize = 2 ** 24;
export const mostFreshLayers = 1000;

const size = z.number().int().min(1).max(largestSize);

/** The sizes of a model that is made from nothing. A family reads those that it has (`Fresh.takes`). */
export const FreshSizes = z.object({
  hiddenSize: size,
  layers: z.number().int().min(1).max(mostFreshLayers),
  attentionHeads: size,
  keyValueHeads: size,
  intermediateSize: size,
  /** Tokens of the longest text. */
  contextLength: size,
  tiesEmbeddings: z.boolean(),
  rotaryBase: z.number().positive(),
  /** How many tokens a token reads, itself included; null: all before it. */
  slidingWindow: size.nullable(),
  normEpsilon: z.number().positive().max(1),
  /** Of what the family drops in training: see its configuration. */
  dropout: z.number().min(0).lt(1),
});
export type FreshSizes = z.infer<typeof FreshSizes>;

/** The sizes that not every family has. */
export type FreshOption = 'keyValueHeads' | 'tiesEmbeddings' | 'rotaryBase' | 'slidingWindow' | 'normEpsilon';

/** What follows from the tokenizer of a model that is made from nothing. */
export interface FreshTokens {
  /** Rows of the table of embeddings. */
  readonly vocabularySize: number;
  /** The token that fills up short texts; null: the tokenizer names none. */
  readonly padTokenId: number | null;
}

/** How a family's models are made from nothing, with values as transformers' `_init_weights` draws them. */
export interface Fresh<Config> {
  /** The sizes that it takes beyond those of all families. */
  readonly takes: readonly FreshOption[];
  readonly defaults: Pick<FreshSizes, 'normEpsilon' | 'dropout'>;
  readonly configOf: (sizes: FreshSizes, tokens: FreshTokens) => Config;
  /** What the weights of norms begin with: 0 where they are counted from one. */
  readonly normWeight: 0 | 1;
  /** Names of matrices whose deviation is divided by √(2 · layers): they add to the residual stream. */
  readonly scaledDown: RegExp | null;
  /** Names of tables whose row of the padding token starts at zero (`padding_idx` of PyTorch). */
  readonly withEmptyPadRow: RegExp | null;
  /** Whether positions are counted by the padding token, so that it must be a token of no text. */
  readonly countsByPadToken: boolean;
}

/** An encoder after BERT's manner. */
export function freshEncoder<Config>(
  own: Pick<Fresh<Config>, 'configOf'> & Partial<Omit<Fresh<Config>, 'configOf'>>,
): Fresh<Config> {
  return {
    takes: ['normEpsilon'],
    defaults: { normEpsilon: 1e-12, dropout: 0.1 },
    normWeight: 1,
    scaledDown: null,
    withEmptyPadRow: /(^|\.)word_embeddings\.weight$/,
    countsByPadToken: false,
    ...own,
  };
}

/** What the configurations of such encoders share. A model without a padding token pads with the first of all. */
export function freshEncoderConfig(
  { hiddenSize, intermediateSize, attentionHeads, layers, contextLength, normEpsilon, dropout }: FreshSizes,
  { vocabularySize, padTokenId }: FreshTokens,
) {
  return {
    vocabularySize,
    hiddenSize,
    intermediateSize,
    attentionHeads,
    layers,
    maxPositions: contextLength,
    layerNormEpsilon: normEpsilon,
    activation: 'gelu',
    hiddenDropout: dropout,
    attentionDropout: dropout,
    classifierDropout: dropout,
    padTokenId: padTokenId ?? 0,
  } as const;
}

/** A decoder after Llama's manner: dropout is of attention alone, and none by default. */
export function freshRotary<Config>(
  configOf: Fresh<Config>['configOf'],
  {
    more = [],
    normWeight = 1,
  }: { readonly more?: readonly FreshOption[]; readonly normWeight?: Fresh<Config>['normWeight'] } = {},
): Fresh<Config> {
  return {
    takes: ['keyValueHeads', 'tiesEmbeddings', 'rotaryBase', 'normEpsilon', ...more],
    defaults: { normEpsilon: 1e-5, dropout: 0 },
    configOf,
    normWeight,
    scaledDown: null,
    withEmptyPadRow: /^embed_tokens\.weight$/,
    countsByPadToken: false,
  };
}

/** What the configurations of such decoders share. */
export function freshRotaryConfig(sizes: FreshSizes, { vocabularySize, padTokenId }: FreshTokens) {
  const { hiddenSize, attentionHeads, contextLength, dropout } = sizes;
  return {
    vocabularySize,
    hiddenSize,
    intermediateSize: sizes.intermediateSize,
    attentionHeads,
    keyValueHeads: sizes.keyValueHeads,
    headSize: hiddenSize / attentionHeads,
    layers: sizes.layers,
    maxPositions: contextLength,
    normEpsilon: sizes.normEpsilon,
    rotaryBase: sizes.rotaryBase,
    rotaryScaling: { kind: 'none' },
    slidingWindow: sizes.slidingWindow,
    attentionBias: false,
    feedForwardBias: false,
    attentionDropout: dropout,
    classifierDropout: 0.1,
    padTokenId,
    tiesEmbeddings: sizes.tiesEmbeddings,
  } as const;
}
