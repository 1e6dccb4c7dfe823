import { add, relu, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { DistilBertConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, table } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';

/**
 * DistilBERT (Sanh et al. 2019, arXiv:1910.01108), with the parameter names and layouts of transformers'
 * `DistilBertModel`: BERT's layers under other names, without token types.
 */

/** Token and position embeddings, normalized: [B,T] → [B·T,H]. */
export function embedDistilBert(
  parameters: Tensors,
  { ids }: TokenInputs,
  config: DistilBertConfig,
  run: EncoderRun,
): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const H = config.hiddenSize;
  const tokens = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), ids); // [B·T,H]
  const positions = slice(parameter(parameters, 'embeddings.position_embeddings.weight'), [0, 0], [T, H]);
  const sum = reshape(add(reshape(tokens, [B, T, H]), positions), [B * T, H]); //              [B·T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', sum, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export function distilBertModules(layer: number): LayerModules {
  const name = `transformer.layer.${layer}`;
  return {
    query: `${name}.attention.q_lin`,
    key: `${name}.attention.k_lin`,
    value: `${name}.attention.v_lin`,
    attentionOutput: `${name}.attention.out_lin`,
    attentionNorm: `${name}.sa_layer_norm`,
    feedForwardInput: `${name}.ffn.lin1`,
    feedForwardOutput: `${name}.ffn.lin2`,
    feedForwardNorm: `${name}.output_layer_norm`,
  };
}

/**
 * `pre_classifier` of `DistilBertForSequenceClassification`: ReLU of a projection of the first token's state, [B,H] →
 * [B,H].
 */
export function poolDistilBert(parameters: Tensors, first: Tensor, run: EncoderRun): Tensor {
  return relu(project(parameters, poolerModule, first, run));
}

/** Embeddings and layers, in the order of the state dictionary. */
export function describeDistilBert(config: DistilBertConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, maxPositions } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, H),
      ...table('embeddings.position_embeddings', maxPositions, H),
      ...normalization('embeddings.LayerNorm', H),
    ]),
    ...describeEncoderLayers(config, (layer) => `transformer.layer.${layer}`, distilBertModules),
  ];
}
