import { z } from 'zod';
import { encoder, encoderFamily } from './encoder.js';
import { freshEncoder, freshEncoderConfig } from './fresh.js';

const size = z.number().int().positive();

/**
 * DeBERTa-v2 and v3 (He et al. 2020, arXiv:2006.03654; 2021, arXiv:2111.09543): attention to the distance of two tokens
 * beside what they say. Tensors are named as in transformers' `DebertaV2Model`.
 */
export const DebertaV2Config = z.object({
  architecture: z.literal('deberta-v2'),
  ...encoder,
  /** 0: the model is not told which text of a pair a token is from. */
  tokenTypes: z.number().int().min(0),
  /** Width of the embeddings; a projection brings them to `hiddenSize` where that is another. */
  embeddingSize: size,
  /** Whether embeddings have a part by position, beside the distances in attention. */
  hasPositionTable: z.boolean(),
  distances: z.object({
    /** Distances in either direction that the table of distances tells apart: half its rows. */
    span: size,
    /**
     * Null: each distance has a row. Else those up to half the span have one each, and longer ones share rows by their
     * logarithm, so that `farthest` − 1 has the last.
     */
    farthest: size.nullable(),
    /** Whether a query's content is matched with the distances of keys (`c2p`). */
    ofKeys: z.boolean(),
    /** Whether a key's content is matched with the distances of queries (`p2c`). */
    ofQueries: z.boolean(),
    /** Whether distances are projected as tokens are; else by projections of their own. */
    sharesProjections: z.boolean(),
    /** Whether the table is normalized before layers read it. */
    isNormalized: z.boolean(),
  }),
  /** Of what the pooler reads. */
  poolerDropout: z.number().min(0).lt(1),
});
export type DebertaV2Config = z.infer<typeof DebertaV2Config>;

/** Models made from nothing have DeBERTa-v3's form; its span is for texts longer than half of it. */
const usualSpan = 256;

export const debertaV2 = {
  ...encoderFamily<DebertaV2Config>({
    defaultTargets: ['query_proj', 'value_proj'],
    givesTokenTypes: true,
    predictsMasked: true,
  }),
  fresh: freshEncoder<DebertaV2Config>({
    defaults: { normEpsilon: 1e-7, dropout: 0.1 },
    configOf: (sizes, tokens) => ({
      architecture: 'deberta-v2',
      ...freshEncoderConfig(sizes, tokens),
      tokenTypes: 0,
      embeddingSize: sizes.hiddenSize,
      hasPositionTable: false,
      distances: {
        ...(sizes.contextLength > usualSpan
          ? { span: usualSpan, farthest: sizes.contextLength }
          : { span: sizes.contextLength, farthest: null }),
        ofKeys: true,
        ofQueries: true,
        sharesProjections: true,
        isNormalized: true,
      },
      poolerDropout: 0,
    }),
  }),
};
