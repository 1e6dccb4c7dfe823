import { add, matMul, oneHot, reshape, slice, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { BertConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, table } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';

/**
 * BERT (Devlin et al. 2019, arXiv:1810.04805), and so MiniLM, with the parameter names and layouts of transformers'
 * `BertModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, V vocabulary, K token types.
 */

/** Token, position and type embeddings, normalized: [B,T] → [B·T,H]. */
export function embedBert(parameters: Tensors, inputs: TokenInputs, config: BertConfig, run: EncoderRun): Tensor {
  const [B = 0, T = 0] = inputs.ids.shape;
  const { hiddenSize: H, tokenTypes: K } = config;
  const tokens = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), inputs.ids); // [B·T,H]
  const positions = slice(parameter(parameters, 'embeddings.position_embeddings.weight'), [0, 0], [T, H]);
  const types = parameter(parameters, 'embeddings.token_type_embeddings.weight'); //                  [K,H]
  const sum =
    inputs.typeIds === undefined
      ? add(reshape(tokens, [B, T, H]), add(positions, slice(types, [0, 0], [1, H])))
      : add(add(reshape(tokens, [B, T, H]), positions), typeEmbeddings(types, inputs.typeIds, K)); // [B,T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', reshape(sum, [B * T, H]), config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/**
 * Looks up rows of a small table [K,H] by a matrix product: typeIds [B,T] → [B,T,H]. The gradient is then a matrix
 * product too, and not a list of B·T rows.
 */
function typeEmbeddings(types: Tensor, typeIds: Tensor, K: number): Tensor {
  const [B = 0, T = 0] = typeIds.shape;
  const chosen = oneHot(reshape(typeIds, [B * T]), K, 1, 0, 'float32'); //         [B·T,K]
  return reshape(matMul(chosen, types), [B, T, types.shape[1]!]);
}

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export function bertModules(layer: number): LayerModules {
  const name = `encoder.layer.${layer}`;
  return {
    query: `${name}.attention.self.query`,
    key: `${name}.attention.self.key`,
    value: `${name}.attention.self.value`,
    attentionOutput: `${name}.attention.output.dense`,
    attentionNorm: `${name}.attention.output.LayerNorm`,
    feedForwardInput: `${name}.intermediate.dense`,
    feedForwardOutput: `${name}.output.dense`,
    feedForwardNorm: `${name}.output.LayerNorm`,
  };
}

/** BERT's own pooler: tanh of a projection of the [CLS] state, [B,H] → [B,H]. */
export function poolBert(parameters: Tensors, first: Tensor, run: EncoderRun): Tensor {
  return tanh(project(parameters, poolerModule, first, run));
}

/** Embeddings and layers, in the order of the state dictionary. */
export function describeBert(config: BertConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, maxPositions, tokenTypes: K } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, H),
      ...table('embeddings.position_embeddings', maxPositions, H),
      ...table('embeddings.token_type_embeddings', K, H),
      ...normalization('embeddings.LayerNorm', H),
    ]),
    ...describeEncoderLayers(config, (layer) => `encoder.layer.${layer}`, bertModules),
  ];
}
