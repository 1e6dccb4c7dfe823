import { add, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/types.js';
import { attend, attendWithBias, joinHeads, splitHeads } from '../nn/attention.js';
import { activate } from './activate.js';
import { type AttentionModules, attendDisentangled, type Distances } from './disentangled-attention.js';
import { dropoutRate, type EncoderRun, type PostNormConfig } from './encoder-run.js';
import { normalize, project } from './modules.js';

/** A family's names for the modules of one layer. */
export interface LayerModules extends AttentionModules {
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly feedForwardInput: string;
  readonly feedForwardOutput: string;
  readonly feedForwardNorm: string;
}

/** What attention reads beside the states. */
export interface AttentionBiases {
  /** [B,1,1,T]: see `paddingBias`. */
  readonly padding: Tensor;
  /** [1,A,T,T], by the distance of two tokens: MPNet's, which is trained. Null: none. */
  readonly distances: Tensor | null;
  /** The distances of DeBERTa, whose part in the scores each layer computes. Null: none. */
  readonly disentangled: Distances | null;
}

/**
 * One layer of BERT and its descendants: attention and a feed-forward network, each followed by dropout, the residual
 * and LayerNorm. states [B·T,H] → [B·T,H].
 *
 * With `firstOnly` the result is [B,H], exactly the first tokens' rows, at a lower cost: the other tokens only give
 * keys and values, so that queries, feed-forward and norms are computed for one token of T.
 *
 * F intermediate size, A attention heads of D = H/A. Cost forward, in floating-point operations: B·T·(8·H² + 4·H·F) +
 * 4·B·T²·H.
 *
 * @param index of the layer, counted from 1: the embeddings are 0
 */
export function postNormLayer(
  parameters: Tensors,
  names: LayerModules,
  states: Tensor,
  biases: AttentionBiases,
  index: number,
  firstOnly: boolean,
  config: PostNormConfig,
  run: EncoderRun,
): Tensor {
  const hidden = (x: Tensor) => run.random.dropout(x, dropoutRate(run, index, config.hiddenDropout));
  const asking = firstOnly ? firstTokens(states, biases.padding.shape[3]!) : states; // [B·Q,H], Q = 1 or T
  const context =
    biases.disentangled === null
      ? attendPlainly(parameters, names, asking, states, biases, index, config, run)
      : attendDisentangled(parameters, names, asking, states, biases.padding, biases.disentangled, index, run);
  const attended = hidden(project(parameters, names.attentionOutput, context, run)); //         [B·Q,H]
  const middle = normalize(parameters, names.attentionNorm, add(asking, attended), config.layerNormEpsilon);

  const wide = activate(project(parameters, names.feedForwardInput, middle, run), config.activation); // [B·Q,F]
  const fedForward = hidden(project(parameters, names.feedForwardOutput, wide, run)); //               [B·Q,H]
  return normalize(parameters, names.feedForwardNorm, add(middle, fedForward), config.layerNormEpsilon);
}

/** Attention without distances, or with a bias by them: asking [B·Q,H], states [B·T,H] → [B·Q,H]. */
function attendPlainly(
  parameters: Tensors,
  names: LayerModules,
  asking: Tensor,
  states: Tensor,
  { padding, distances }: AttentionBiases,
  index: number,
  config: PostNormConfig,
  run: EncoderRun,
): Tensor {
  const [B = 0, , , T = 0] = padding.shape;
  const A = config.attentionHeads;
  const Q = asking.shape[0]! / B;
  const rate = dropoutRate(run, index, config.attentionDropout);
  const queries = splitHeads(project(parameters, names.query, asking, run), Q, A); // [B,A,Q,D]
  const keys = splitHeads(project(parameters, names.key, states, run), T, A); //      [B,A,T,D]
  const values = splitHeads(project(parameters, names.value, states, run), T, A); //  [B,A,T,D]
  if (distances === null) return joinHeads(attend(queries, keys, values, padding, run.random, rate));
  const ofAsking = Q < T ? slice(distances, [0, 0, 0, 0], [1, A, Q, T]) : distances; // [1,A,Q,T]
  return joinHeads(attendWithBias(queries, keys, values, ofAsking, padding, run.random, rate));
}

/** The first of every T rows: [B·T,H] → [B,H]. */
export function firstTokens(states: Tensor, T: number): Tensor {
  const [rows = 0, H = 0] = states.shape;
  const B = rows / T;
  return reshape(slice(reshape(states, [B, T, H]), [0, 0, 0], [B, 1, H]), [B, H]);
}
