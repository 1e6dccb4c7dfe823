import { z } from 'zod';
import { decoder, decoderFamily } from './decoder.js';
import { RotaryScaling } from './rotary.js';
import type { Family, Traits } from './traits.js';

/** What Llama and its descendants have in common: rotary positions, RMSNorm, gated feed-forward networks. */
export const rotaryDecoder = {
  ...decoder,
  /** Heads of keys and values, each read by attentionHeads / keyValueHeads heads of queries. */
  keyValueHeads: z.number().int().positive(),
  /** Width of a head; attentionHeads · headSize need not be hiddenSize. */
  headSize: z.number().int().positive(),
  normEpsilon: z.number().positive(),
  rotaryBase: z.number().positive(),
  rotaryScaling: RotaryScaling,
  /** How many tokens a token reads, itself included; null: all before it. In which layers, `layersThatDiffer` says. */
  slidingWindow: z.number().int().positive().nullable(),
  /** Whether the projections of attention, and of the feed-forward network, have biases. */
  attentionBias: z.boolean(),
  feedForwardBias: z.boolean(),
};

/** What families add whose layers do not all read alike. */
export const layersThatDiffer = {
  /** Of each layer, whether it reads through the sliding window; the others read all tokens before them. */
  slidingLayers: z.array(z.boolean()),
};

const RotaryDecoder = z.object(rotaryDecoder);
export type RotaryDecoder = z.infer<typeof RotaryDecoder>;

/** A family of such decoders. Positions have no table: the scaling that grows with a text reads longer ones too. */
export function rotaryFamily<Config extends RotaryDecoder>(moreNorms: Traits['moreNorms'] = 'none'): Family<Config> {
  return decoderFamily<Config>(
    { defaultTargets: ['q_proj', 'v_proj'], storesInputsFirst: false, hasGates: true, moreNorms },
    ({ maxPositions, rotaryScaling }) =>
      rotaryScaling.kind === 'dynamic' ? Math.floor(maxPositions * rotaryScaling.factor) : maxPositions,
  );
}
