import { z } from 'zod';
import { encoderFamily } from './encoder.js';

/**
 * ModernBERT (Warner et al. 2024, arXiv:2412.13663): norms before attention and feed-forward network, rotary positions,
 * gated feed-forward networks, and layers of which most read a window alone. Tensors are named as in transformers'
 * `ModernBertModel`; its prediction head is the pooler, through which all heads read.
 */
export const ModernBertConfig = z.object({
  architecture: z.literal('modernbert'),
  vocabularySize: z.number().int().positive(),
  hiddenSize: z.number().int().positive(),
  intermediateSize: z.number().int().positive(),
  attentionHeads: z.number().int().positive(),
  layers: z.number().int().positive(),
  /** Tokens of the longest text. */
  maxPositions: z.number().int().positive(),
  layerNormEpsilon: z.number().positive(),
  /** Of the gate. */
  activation: z.enum(['gelu', 'gelu_new', 'relu']),
  attentionBias: z.boolean(),
  feedForwardBias: z.boolean(),
  normBias: z.boolean(),
  /** Of the pooler's projection. */
  poolerBias: z.boolean(),
  /** For each layer, whether a token reads those within the window alone. */
  slidingLayers: z.array(z.boolean()),
  /** How many tokens on each side of its own a token reads in those layers. */
  windowEachSide: z.number().int().min(0),
  /** The rotary base of the layers that read all tokens, and of those with the window. */
  rotaryBase: z.number().positive(),
  slidingRotaryBase: z.number().positive(),
  embeddingDropout: z.number().min(0).lt(1),
  /** Of attention probabilities, and of what attention gives. */
  attentionDropout: z.number().min(0).lt(1),
  /** Within feed-forward networks. */
  feedForwardDropout: z.number().min(0).lt(1),
  /** Of what a head reads. */
  classifierDropout: z.number().min(0).lt(1),
  padTokenId: z.number().int().min(0),
});
export type ModernBertConfig = z.infer<typeof ModernBertConfig>;

export const modernBert = encoderFamily<ModernBertConfig>({
  defaultTargets: ['Wqkv'],
  givesTokenTypes: false,
  predictsMasked: true,
  poolsAll: true,
  hasGates: true,
});
