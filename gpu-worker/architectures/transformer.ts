import type { Tensor } from '@tensorflow/tfjs-core';
import type { TransformerConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { decoderLayersOf, decoderStatesAfter, runDecoderLayers } from './decoder.js';
import * as encoder from './encoder.js';
import { type EncoderRun, isDecoder, type TokenInputs } from './encoder-run.js';

/** The families of transformers, encoders and decoders alike: layers that can be run on from any of them. */

/** States of all tokens after the last layer, [B·T,H]. Rows at padding hold nothing of use. */
export function tokenStates(
  parameters: Tensors,
  inputs: TokenInputs,
  config: TransformerConfig,
  run: EncoderRun,
): Tensor {
  return statesAfter(parameters, inputs, config.layers, config, run);
}

/** States after the first `layers` layers; after the embeddings for 0: [B·T,H]. */
export function statesAfter(
  parameters: Tensors,
  inputs: TokenInputs,
  layers: number,
  config: TransformerConfig,
  run: EncoderRun,
): Tensor {
  return isDecoder(config)
    ? decoderStatesAfter(parameters, inputs, layers, config, run)
    : encoder.statesAfter(parameters, inputs, layers, config, run);
}

/**
 * Runs the layers that follow the first `after`: the states before them, [B·T,H] or [B,T,H] → the states after the last
 * one, [B·T,H], or [B,H] with `firstOnly`, which decoders do not have.
 */
export function runLayers(
  parameters: Tensors,
  statesBefore: Tensor,
  mask: Tensor,
  { after, firstOnly }: { readonly after: number; readonly firstOnly: boolean },
  config: TransformerConfig,
  run: EncoderRun,
): Tensor {
  return isDecoder(config)
    ? runDecoderLayers(parameters, statesBefore, mask.shape[1]!, after, config, run)
    : encoder.runLayers(parameters, statesBefore, mask, { after, firstOnly }, config, run);
}

/** Which layers a model has beyond those of its configuration. */
export interface ExtraLayers {
  /** A pooler over the first token: of encoders alone. */
  readonly pooler: boolean;
  /** A decoder's own matrix for the next token's logits, or what an encoder predicts masked tokens with. */
  readonly languageModel: boolean;
}

/** Every tensor of a model, in the order of its state dictionary. */
export function layersOf(config: TransformerConfig, { pooler, languageModel }: ExtraLayers): LayerDescription[] {
  return isDecoder(config)
    ? decoderLayersOf(config, { languageModel })
    : encoder.layersOf(config, { pooler, languageModel });
}
