import type { Tensor } from '@tensorflow/tfjs-core';
import type {
  ArchitectureConfig,
  DecoderConfig,
  ModernBertConfig,
  TransformerConfig,
} from '../../src/protocol/architectures/index.js';
import { traitsOf } from '../../src/protocol/architectures/index.js';
import type { TrainingRandomness } from '../engine/types.js';
import { withoutDropout } from '../nn/without-dropout.js';

/** The families of transformers' encoders. */
export type EncoderConfig = Exclude<TransformerConfig, DecoderConfig>;

/** Those after BERT's manner: post-LayerNorm. */
export type PostNormConfig = Exclude<EncoderConfig, ModernBertConfig>;

/** Whether a model is of transformers' families, the only ones that can run on from the states after any layer. */
export function isTransformer(config: ArchitectureConfig): config is TransformerConfig {
  return traitsOf(config).runsFromStates;
}

export function isDecoder(config: ArchitectureConfig): config is DecoderConfig {
  return traitsOf(config).isCausal;
}

export function isEncoder(config: ArchitectureConfig): config is EncoderConfig {
  return isTransformer(config) && !isDecoder(config);
}

/** What an encoder reads. */
export interface TokenInputs {
  /** int32 [B,T], any valid id at padding, which is on the right. */
  readonly ids: Tensor;
  /** float32 [B,T], 1 at tokens, 0 at padding. */
  readonly mask: Tensor;
  /** int32 [B,T]: which text of a pair a token is from, as the tokenizer says. Absent: all 0. */
  readonly typeIds?: Tensor | undefined;
  /**
   * int32 [B,T], for rows that hold several texts: the number of each token's text, counted from 1, and 0 at padding.
   * No token reads those of another text. Absent: a row is one text. Only decoders take it.
   */
  readonly segments?: Tensor | undefined;
  /** int32 [B,T], along with `segments`: the place of each token in its text, counted from 0. */
  readonly places?: Tensor | undefined;
}

/** How an adapter acts on the modules that have one: see `project`. */
interface AdapterRun {
  readonly scale: number;
  /** Probability of dropout on the adapter's input. */
  readonly dropout: number;
}

/** How an encoder is run: with randomness in training, and as `inference` otherwise. */
export interface EncoderRun {
  readonly random: TrainingRandomness;
  /** Replaces every dropout probability of the configuration; null: each as it is there. */
  readonly dropout: number | null;
  /**
   * Index of the lowest layer that is trained (0 the embeddings, 1 … the layers, then the pooler): those below run
   * without dropout.
   */
  readonly fromLayer: number;
  /** Null where parameters hold no adapter. */
  readonly adapter: AdapterRun | null;
}

export const inference: EncoderRun = { random: withoutDropout, dropout: 0, fromLayer: 0, adapter: null };

/**
 * How layer `index` is run. A frozen layer draws no dropout masks at all, not even of rate 0. The layers above it then
 * draw the same masks whether it runs with them or ran once for all steps (training/frozen-prefix.ts).
 */
export function runOfLayer(run: EncoderRun, index: number): EncoderRun {
  return index < run.fromLayer ? { ...run, random: withoutDropout } : run;
}

/** The probability of dropout in layer `index`; `configured` is the one that the model's configuration gives. */
export function dropoutRate({ dropout, fromLayer }: EncoderRun, index: number, configured: number): number {
  return index < fromLayer ? 0 : (dropout ?? configured);
}
