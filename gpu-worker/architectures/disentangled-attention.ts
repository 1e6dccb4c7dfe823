import {
  add,
  cast,
  clipByValue,
  gather,
  greaterEqual,
  lessEqual,
  matMul,
  mul,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  tensor1d,
  transpose,
} from '@tensorflow/tfjs-core';
import { type DebertaV2Config, longestText } from '../../src/protocol/architectures/index.js';
import type { Tensors } from '../engine/types.js';
import { attendWithBias } from '../nn/attention.js';
import { positions } from '../nn/causal.js';
import { relativeShift } from '../nn/relative-shift.js';
import { ln } from '../portable-math.js';
import { dropoutRate, type EncoderRun } from './encoder-run.js';
import { normalize, parameter, project } from './modules.js';

/**
 * Disentangled attention (He et al. 2020, arXiv:2006.03654, §3.1): a score is the sum of three products, of what two
 * tokens say, of what the query says and the key's distance, and of what the key says and the query's distance.
 *
 * In the margin: B texts, T tokens, Q tokens that ask, H hidden size, A heads of D = H/A, S span of the distances.
 */

/** The modules of the table of distances, [2S,H], and of its norm: beside the layers, which all read them. */
export const distanceTable = 'encoder.rel_embeddings';
export const distanceNorm = 'encoder.LayerNorm';

/** A layer's names for the projections of its attention. */
export interface AttentionModules {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Projections of distances alone, where a model has them; else those of tokens are theirs too. */
  readonly distanceKey?: string;
  readonly distanceQuery?: string;
}

/** What all layers read of distances. */
export interface Distances {
  /** [2S,H] */
  readonly table: Tensor;
  readonly config: DebertaV2Config;
}

export function readDistances(parameters: Tensors, config: DebertaV2Config): Distances {
  const table = parameter(parameters, `${distanceTable}.weight`);
  const { isNormalized } = config.distances;
  return { table: isNormalized ? normalize(parameters, distanceNorm, table, config.layerNormEpsilon) : table, config };
}

/**
 * Attention of one layer: asking [B·Q,H], states [B·T,H], padding [B,1,1,T] → [B·Q,H], where Q is T, or 1 for the first
 * tokens alone. Cost forward beyond that of plain attention: 4·B·T²·H for each of the two products with distances,
 * which are those of 2T distances and not of all S, and 4·T·H² to project these.
 */
export function attendDisentangled(
  parameters: Tensors,
  names: AttentionModules,
  asking: Tensor,
  states: Tensor,
  padding: Tensor,
  { table, config }: Distances,
  index: number,
  run: EncoderRun,
): Tensor {
  const [B = 0, , , T = 0] = padding.shape;
  const { attentionHeads: A, hiddenSize: H } = config;
  const { ofKeys, ofQueries } = config.distances;
  const Q = asking.shape[0]! / B;
  // Heads come first, so that all texts are multiplied with a head's distances in one product.
  const queries = headsFirst(project(parameters, names.query, asking, run), B, A); // [A,B,Q,D]
  const keys = headsFirst(project(parameters, names.key, states, run), B, A); //      [A,B,T,D]
  const values = headsFirst(project(parameters, names.value, states, run), B, A); //  [A,B,T,D]
  const scale = 1 / Math.sqrt((H / A) * (1 + Number(ofKeys) + Number(ofQueries)));

  const rows = run.random.dropout(table, dropoutRate(run, index, config.hiddenDropout)); // [2S,H]
  const projected = (module: string, direction: 1 | -1): Tensor => {
    const ofDistances = distanceRows(rows, T, Q, direction, config); //               [2T,H], [T,H] where Q is 1
    return mul(headsFirst(project(parameters, module, ofDistances, run), 1, A), scale);
  };
  const parts: Tensor[] = [];
  if (ofKeys) {
    const distances = projected(names.distanceKey ?? names.key, 1); //                [A,1,2T,D]
    const scores = products(queries, distances); //                                   [A,B,Q,2T]
    parts.push(Q === T ? relativeShift(scores) : scores);
  }
  if (ofQueries) {
    const module = names.distanceQuery ?? names.query;
    // The first tokens' distances differ from key to key: each key has a product of its own.
    parts.push(
      Q === T
        ? transpose(relativeShift(products(keys, projected(module, -1))), [0, 1, 3, 2])
        : reshape(sum(mul(keys, projected(module, 1)), -1), [A, B, 1, T]),
    );
  }
  const learned = parts.reduce((total, part) => add(total, part)); //                 [A,B,Q,T]
  const bias = reshape(padding, [1, B, 1, T]);
  const rate = dropoutRate(run, index, config.attentionDropout);
  const context = attendWithBias(queries, keys, values, learned, bias, run.random, rate, scale); // [A,B,Q,D]
  return reshape(transpose(context, [1, 2, 0, 3]), [B * Q, H]);
}

/** [B·T,H] → [A,B,T,D] */
function headsFirst(x: Tensor, B: number, A: number): Tensor {
  const [rows = 0, H = 0] = x.shape;
  return transpose(reshape(x, [B, rows / B, A, H / A]), [2, 0, 1, 3]);
}

/** Products of tokens [A,B,T,D] with distances [A,1,R,D]: → [A,B,T,R]. */
function products(tokens: Tensor, distances: Tensor): Tensor {
  const [A = 0, B = 0, T = 0, D = 0] = tokens.shape;
  const R = distances.shape[2]!;
  return reshape(matMul(reshape(tokens, [A, B * T, D]), reshape(distances, [A, R, D]), false, true), [A, B, T, R]);
}

/**
 * Rows of the table [2S,H] for the distances from T to 1 − T of a query behind its key → [2T,H]: the c-th is of a key
 * c − T ahead, as `relativeShift` takes them. With `direction` −1 they are of a query c − T ahead of the key. For the
 * first tokens alone (Q = 1) they are those of keys 0 … T − 1 ahead, [T,H].
 */
function distanceRows(table: Tensor, T: number, Q: number, direction: 1 | -1, config: DebertaV2Config): Tensor {
  const { span } = config.distances;
  const most = longestText(config);
  // A fixed range is cut, as a graph for any number of tokens cannot hold one of T.
  const behind = sub(most, slice(positions(2 * most, 2 * most), [Q === T ? most - T : most], [Q === T ? 2 * T : T]));
  const ofTable = add(classOf(mul(behind, direction), config), span);
  return gather(table, cast(clipByValue(ofTable, 0, 2 * span - 1), 'int32'));
}

/**
 * The class of each distance, `make_log_bucket_position` of transformers: distances up to half the span are their own,
 * longer ones count how many bounds they reach, in either direction. → [R], not yet within the span.
 */
function classOf(distances: Tensor, config: DebertaV2Config): Tensor {
  const { span, farthest } = config.distances;
  if (farthest === null) return distances;
  const bounds = classBounds(span, farthest, longestText(config));
  const near = clipByValue(distances, -halfOf(span), halfOf(span));
  if (bounds.length === 0) return near;
  const columns = reshape(distances, [-1, 1]); //                                     [R,1]
  const reached = (isReached: Tensor): Tensor => sum(cast(isReached, 'float32'), 1);
  const ahead = reached(greaterEqual(columns, tensor1d(bounds)));
  const behind = reached(lessEqual(columns, tensor1d(bounds.map((bound) => -bound))));
  return add(near, sub(ahead, behind));
}

/**
 * The least distance of each class beyond half the span, in order; a class that no distance has shares its bound with
 * the next. transformers computes classes in single precision, and so does this.
 *
 * @param most tokens of the longest text
 */
export function classBounds(span: number, farthest: number, most: number): number[] {
  const half = halfOf(span);
  const f = Math.fround;
  const whole = f(ln(f((farthest - 1) / half)));
  const classOfLong = (distance: number): number => {
    const share = f(f(ln(f(distance / half))) / whole);
    return Math.ceil(f(share * (half - 1))) + half;
  };
  const bounds: number[] = [];
  for (let distance = half + 1; distance < most && half + bounds.length < span; distance++) {
    const reached = Math.min(classOfLong(distance), span);
    while (half + bounds.length < reached) bounds.push(distance);
  }
  return bounds;
}

function halfOf(span: number): number {
  return Math.floor(span / 2);
}
