import {
  add,
  cast,
  greater,
  logicalOr,
  matMul,
  mul,
  reshape,
  slice,
  sub,
  type Tensor,
  tensor1d,
  transpose,
} from '@tensorflow/tfjs-core';
import { longestText, type MpnetConfig } from '../../src/protocol/architectures/index.js';
import { firstMpnetPosition } from '../../src/protocol/architectures/mpnet.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { positions } from '../nn/causal.js';
import { embedding } from '../nn/embedding.js';
import { ln } from '../portable-math.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, table } from './layer-tensors.js';
import { normalize, parameter } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';

/**
 * MPNet (Song et al. 2020, arXiv:2004.09297), with the parameter names and layouts of transformers' `MPNetModel`. Its
 * layers are BERT's under other names, and add one learned bias by the distance of two tokens to their scores (Raffel
 * et al. 2020, arXiv:1910.10683, §2.1).
 *
 * In the margin: B texts, T tokens, H hidden size, A heads, V vocabulary.
 */

/** The module of the biases, [buckets, A]: beside the layers, which all read it. */
const distances = 'encoder.relative_attention_bias';
export const distanceTable = `${distances}.weight`;

/** Classes of distances, half of them for each direction: transformers' code has the two numbers. */
const buckets = 32;
const farthest = 128;

/** Token and position embeddings, normalized: [B,T] → [B·T,H]. Positions count from 2, over tokens alone. */
export function embedMpnet(parameters: Tensors, { ids }: TokenInputs, config: MpnetConfig, run: EncoderRun): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const H = config.hiddenSize;
  const tokens = embedding(parameter(parameters, 'embeddings.word_embeddings.weight'), ids); // [B·T,H]
  const positionTable = parameter(parameters, 'embeddings.position_embeddings.weight');
  const placed = slice(positionTable, [firstMpnetPosition, 0], [T, H]); //                      [T,H]
  const sum = reshape(add(reshape(tokens, [B, T, H]), placed), [B * T, H]); //              [B·T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', sum, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/**
 * The bias of each pair of tokens, by head: → [1,A,T,T]. It is looked up by a matrix product, so that its gradient is
 * one too. No size here is the square of T, which a graph for any number of tokens cannot have: the table stands in
 * every row of queries.
 */
export function distanceBias(parameters: Tensors, T: number, config: MpnetConfig): Tensor {
  const A = config.attentionHeads;
  const places = positions(T, longestText(config)); //                              [T]
  const ahead = sub(reshape(places, [1, T, 1]), reshape(places, [T, 1, 1])); //     [T,T,1]: place of key − of query
  const nearest = tensor1d(intervals.map(([least]) => least));
  const isOther = logicalOr(greater(nearest, ahead), greater(ahead, tensor1d(intervals.map(([, most]) => most))));
  const chosen = sub(1, cast(isOther, 'float32')); //                               [T,T,buckets]
  const ones = add(mul(reshape(places, [T, 1, 1]), 0), 1);
  const table = mul(ones, reshape(parameter(parameters, distanceTable), [1, buckets, A])); // [T,buckets,A]
  const biases = matMul(chosen, table); //                                          [T,T,A]
  return reshape(transpose(biases, [2, 0, 1]), [1, A, T, T]);
}

/**
 * The class of a distance, `relative_position_bucket` of transformers: distances below 8 have a class each, those up to
 * 128 share them by their logarithm, and those beyond have the last. Keys behind the query have the classes from 0,
 * those ahead from 16.
 *
 * @param ahead how many tokens the key is ahead of the query
 */
function bucketOf(ahead: number): number {
  const half = buckets / 2;
  const exact = half / 2;
  const distance = Math.abs(ahead);
  // Where the quotient is a whole number, rounding may leave it just below.
  const share = ln(distance / exact) / ln(farthest / exact);
  const large = exact + Math.trunc(share * (half - exact) + 1e-9);
  return (ahead > 0 ? half : 0) + (distance < exact ? distance : Math.min(large, half - 1));
}

/** More tokens than any text has. */
const beyond = 2 ** 24;

/** For each class the least and the most that a key is ahead of its query; one that no distance has is empty. */
const intervals: readonly (readonly [least: number, most: number])[] = Array.from({ length: buckets }, (_, bucket) => {
  const near = Array.from({ length: 2 * farthest + 1 }, (_, index) => index - farthest);
  const members = near.filter((ahead) => bucketOf(ahead) === bucket);
  const [least, most] = [members[0] ?? beyond, members.at(-1) ?? -beyond];
  return [least === -farthest ? -beyond : least, most === farthest ? beyond : most];
});

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export function mpnetModules(layer: number): LayerModules {
  const name = `encoder.layer.${layer}`;
  return {
    query: `${name}.attention.attn.q`,
    key: `${name}.attention.attn.k`,
    value: `${name}.attention.attn.v`,
    attentionOutput: `${name}.attention.attn.o`,
    attentionNorm: `${name}.attention.LayerNorm`,
    feedForwardInput: `${name}.intermediate.dense`,
    feedForwardOutput: `${name}.output.dense`,
    feedForwardNorm: `${name}.output.LayerNorm`,
  };
}

/** Embeddings, with the biases that all layers read, and layers. */
export function describeMpnet(config: MpnetConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, attentionHeads, maxPositions } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, H),
      ...table('embeddings.position_embeddings', maxPositions, H),
      ...normalization('embeddings.LayerNorm', H),
      ...table(distances, buckets, attentionHeads),
    ]),
    ...describeEncoderLayers(config, (layer) => `encoder.layer.${layer}`, mpnetModules),
  ];
}
