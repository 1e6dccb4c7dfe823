import { add, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { DebertaV2Config } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import { gelu } from '../nn/gelu.js';
import { distanceNorm, distanceTable } from './disentangled-attention.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, projection, table } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';
import { addTypeEmbeddings } from './token-embeddings.js';

/**
 * DeBERTa-v2 and v3 (He et al. 2020, arXiv:2006.03654; 2021, arXiv:2111.09543), with the parameter names and layouts of
 * transformers' `DebertaV2Model`. Its layers are BERT's but for their attention, which reads the distances of tokens.
 *
 * In the margin: B texts, T tokens, H hidden size, E width of the embeddings, V vocabulary, K token types.
 */

const projectionName = 'embeddings.embed_proj';

/**
 * Token embeddings, with those of positions and types where the model has them, projected where E is not H, and
 * normalized: [B,T] → [B·T,H].
 */
export function embedDebertaV2(
  parameters: Tensors,
  { ids, typeIds }: TokenInputs,
  config: DebertaV2Config,
  run: EncoderRun,
): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const { embeddingSize: E, hiddenSize: H, tokenTypes: K, hasPositionTable } = config;
  const words = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), ids); // [B·T,E]
  const tokens = reshape(words, [B, T, E]);
  const placed = hasPositionTable
    ? add(tokens, slice(parameter(parameters, 'embeddings.position_embeddings.weight'), [0, 0], [T, E]))
    : tokens;
  const typed = K === 0 ? placed : addTypeEmbeddings(parameters, placed, typeIds, K); //    [B,T,E]
  const sum = reshape(typed, [B * T, E]);
  const wide = E === H ? sum : project(parameters, projectionName, sum, run); //            [B·T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', wide, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export function debertaV2Modules(layer: number, { distances }: DebertaV2Config): LayerModules {
  const name = `encoder.layer.${layer}`;
  const attention = `${name}.attention.self`;
  const { ofKeys, ofQueries, sharesProjections } = distances;
  return {
    query: `${attention}.query_proj`,
    key: `${attention}.key_proj`,
    value: `${attention}.value_proj`,
    ...(ofKeys && !sharesProjections ? { distanceKey: `${attention}.pos_key_proj` } : {}),
    ...(ofQueries && !sharesProjections ? { distanceQuery: `${attention}.pos_query_proj` } : {}),
    attentionOutput: `${name}.attention.output.dense`,
    attentionNorm: `${name}.attention.output.LayerNorm`,
    feedForwardInput: `${name}.intermediate.dense`,
    feedForwardOutput: `${name}.output.dense`,
    feedForwardNorm: `${name}.output.LayerNorm`,
  };
}

/** transformers' `ContextPooler`: dropout, projection, GELU of the first token's state, [B,H] → [B,H]. */
export function poolDebertaV2(parameters: Tensors, first: Tensor, config: DebertaV2Config, run: EncoderRun): Tensor {
  const read = run.random.dropout(first, dropoutRate(run, config.layers + 1, config.poolerDropout));
  return gelu(project(parameters, poolerModule, read, run));
}

/** Embeddings, with the distances that all layers read, and layers. */
export function describeDebertaV2(config: DebertaV2Config): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, embeddingSize: E, maxPositions, tokenTypes: K, hasPositionTable } = config;
  const { span, isNormalized } = config.distances;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, E),
      ...(hasPositionTable ? table('embeddings.position_embeddings', maxPositions, E) : []),
      ...(K > 0 ? table('embeddings.token_type_embeddings', K, E) : []),
      ...(E === H ? [] : projection(projectionName, H, E, false)),
      ...normalization('embeddings.LayerNorm', H),
      ...table(distanceTable, 2 * span, H),
      ...(isNormalized ? normalization(distanceNorm, H) : []),
    ]),
    ...describeEncoderLayers(
      config,
      (layer) => `encoder.layer.${layer}`,
      (layer) => debertaV2Modules(layer, config),
    ),
  ];
}
