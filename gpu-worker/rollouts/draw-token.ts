import {
  add,
  cast,
  concat,
  div,
  equal,
  exp,
  gather,
  lessEqual,
  log,
  matMul,
  max,
  mul,
  pad,
  range,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { Random } from '../data/random.js';
import type { DynamicInputSpec, Feeds, Tensors } from '../engine/types.js';
import { ProblemError } from '../problem-error.js';

/** A token that was drawn from softmax(logits / temperature), with what is known of the draw, in nats. */
export interface DrawnToken {
  readonly id: number;
  /** Of the distribution that it was drawn from: the temperature is applied. */
  readonly logProbability: number;
  /** Entropy of that distribution. */
  readonly entropy: number;
}

/** What `drawTokens` reads, in a size `texts` (B). */
export const drawInputs: Readonly<Record<string, DynamicInputSpec>> = {
  /** In [0, 1): which block a token is drawn from, and which of the block's tokens it is. */
  uniforms: { shape: ['texts', 2], dtype: 'float32' },
  /** The place of each text's first block among those of all texts. */
  firstBlocks: { shape: ['texts'], dtype: 'int32' },
};

/** Columns of what `drawTokens` gives. */
const drawnWidth = 3;

/** A vocabulary is drawn from in about √V blocks of about √V tokens. */
function blocksOf(vocabularySize: number): { readonly count: number; readonly size: number } {
  const size = Math.ceil(Math.sqrt(vocabularySize));
  return { count: Math.ceil(vocabularySize / size), size };
}

/** Feeds of the draws of texts, each with random numbers of its own. */
export function drawFeeds(randoms: readonly Random[], vocabularySize: number): Feeds {
  const { count } = blocksOf(vocabularySize);
  // 23 bits: a float32 times the greatest of them is less than it.
  const uniform = (random: Random) => (random() >>> 9) / 2 ** 23;
  return {
    uniforms: Float32Array.from(randoms.flatMap((random) => [uniform(random), uniform(random)])),
    firstBlocks: Int32Array.from(randoms, (_, text) => text * count),
  };
}

/**
 * Draws a token of each text by its weight e^z, z = (logits − the greatest) / temperature, as a part of the generator's
 * graph, so that V numbers a text need not leave it: a block by the blocks' sums, then a token of the block. No top-k,
 * top-p or penalty, whose renormalized probabilities would differ from those that the trainer computes
 * (docs/methods/grpo.md).
 *
 * Probabilities are by sums alone: what finds the token is a product of matrices, which some GPUs compute of numbers
 * cut to 10 bits (TF32), about 10⁻³ off. The draw may be; π_old, which the trainer's probabilities are divided by, may
 * not.
 *
 * logits [B,V] → of each text the token, ln of its probability and the entropy, [B,3]
 */
export function drawTokens(logits: Tensor, { uniforms, firstBlocks }: Tensors, temperature: number): Tensor {
  const [B, V] = logits.shape as [number, number];
  const { count, size } = blocksOf(V);
  const z = div(sub(logits, max(logits, -1, true)), temperature); //             [B,V]
  const weights = exp(z);
  const padding: [number, number][] = [
    [0, 0],
    [0, count * size - V],
  ];
  const blocks = reshape(pad(weights, padding), [B * count, size]);
  const sums = reshape(sum(blocks, -1), [B, count]);
  const block = drawIndex(sums, slice(uniforms!, [0, 0], [B, 1])); //            [B,1], as float
  const row = add(firstBlocks!, cast(reshape(block, [B]), 'int32'));
  const drawnFrom = gather(blocks, row); //                                      [B,size]
  const within = drawIndex(drawnFrom, slice(uniforms!, [0, 1], [B, 1]));
  const total = sum(sums, -1, true); //                                          [B,1]
  const normalizer = log(total);
  const weight = sum(mul(drawnFrom, cast(equal(range(0, size), within), 'float32')), -1, true);
  return concat(
    [
      add(mul(block, size), within),
      sub(log(weight), normalizer),
      sub(normalizer, div(sum(mul(z, weights), -1, true), total)),
    ],
    1,
  );
}

/**
 * The first index whose cumulative weight is above uniform · total. Sums grow from one index to the next only by a
 * weight above 0, so that no other is drawn.
 *
 * weights [B,N], uniform [B,1] → [B,1]
 */
function drawIndex(weights: Tensor, uniform: Tensor): Tensor {
  const [B, N] = weights.shape as [number, number];
  const cumulative = matMul(weights, upToEach(N));
  const total = slice(cumulative, [0, N - 1], [B, 1]);
  const passed = cast(lessEqual(cumulative, mul(uniform, total)), 'float32');
  return sum(passed, -1, true);
}

/** [N,N]: a column has 1 down to its own row. */
function upToEach(N: number): Tensor {
  const places = range(0, N);
  return cast(lessEqual(reshape(places, [N, 1]), reshape(places, [1, N])), 'float32');
}

/**
 * @param drawn a row of `drawTokens`, [3]
 * @throws ProblemError NON_FINITE_LOGITS
 */
export function drawnToken(drawn: Float32Array): DrawnToken {
  const [id, logProbability, entropy] = drawn as unknown as [number, number, number];
  if (drawn.length !== drawnWidth || !Number.isFinite(logProbability + entropy)) throw nonFinite();
  return { id, logProbability, entropy };
}

function nonFinite(): ProblemError {
  return new ProblemError({
    path: ['hyperparameters', 'learningRate'],
    code: 'NON_FINITE_LOGITS',
    message: 'the model in training gives numbers that are not finite, so that it can not write: training diverged',
    hint: 'Lower learningRate to a third or a tenth, or clip gradients with maxGradientNorm 1.',
  });
}
