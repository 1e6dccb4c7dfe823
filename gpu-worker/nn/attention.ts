import { add, matMul, mul, reshape, softmax, sub, sum, type Tensor, transpose } from '@tensorflow/tfjs-core';
import type { TrainingRandomness } from '../engine/types.js';
import { withGradient } from './with-gradient.js';

/** Splits a projection [N·T, A·D] into its heads: → [N,A,T,D]. */
export function splitHeads(x: Tensor, tokens: number, heads: number): Tensor {
  const [rows = 0, width = 0] = x.shape;
  return transpose(reshape(x, [rows / tokens, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/** Joins the heads again: [N,A,T,D] → [N·T, A·D]. */
export function joinHeads(x: Tensor): Tensor {
  const [batch = 0, heads = 0, tokens = 0, width = 0] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [batch * tokens, heads * width]);
}

/**
 * The bias on attention scores that makes softmax ignore padding: mask [B,T] of 1 (token) and 0 (padding) → [B,1,1,T]
 * of 0 and −10⁹. A row without any token attends evenly to its padding, instead of dividing by zero.
 */
export function paddingBias(mask: Tensor): Tensor {
  const [B = 0, T = 0] = mask.shape;
  return reshape(mul(sub(1, mask), -1e9), [B, 1, 1, T]);
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, equation 1) of every head, with dropout of the
 * attention probabilities: queries [B,A,Q,D], keys and values [B,A,T,D], bias broadcast to [B,A,Q,T] → [B,A,Q,D].
 * Cost 4·B·A·Q·T·D, and 8 backward. The bias gets no gradient. Scores are multiplied by `scale`.
 *
 * Backward, softmax's row sums Σ dP ∘ P over T keys are taken as Σ dO ∘ O over D values, which equals them, mask
 * included (Dao et al. 2022, arXiv:2205.14135, appendix B.2, equation 4). This saves two passes over [B,A,Q,T].
 */
export function attend(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  bias: Tensor,
  random: TrainingRandomness,
  dropoutRate: number,
  scale = 1 / Math.sqrt(queries.shape.at(-1)!),
): Tensor {
  return attendBy([queries, keys, values], queries, keys, values, bias, random, dropoutRate, scale);
}

/**
 * The same with a second bias that is trained: learned [B,A,Q,T], or [1,A,Q,T] alike for all texts; other as `bias`
 * above.
 */
export function attendWithBias(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  learned: Tensor,
  other: Tensor,
  random: TrainingRandomness,
  dropoutRate: number,
  scale = 1 / Math.sqrt(queries.shape.at(-1)!),
): Tensor {
  const bias = add(learned, other); //                                           [B,A,Q,T]
  return attendBy([queries, keys, values, learned], queries, keys, values, bias, random, dropoutRate, scale);
}

/** @param inputs what gets a gradient: queries, keys, values and, where there is one, the learned bias */
function attendBy(
  inputs: readonly Tensor[],
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  bias: Tensor,
  random: TrainingRandomness,
  dropoutRate: number,
  scale: number,
): Tensor {
  return withGradient(inputs, () => {
    const scores = add(mul(matMul(queries, keys, false, true), scale), bias); // [B,A,Q,T]
    const probabilities = softmax(scores, -1);
    const kept = mul(probabilities, random.dropoutMask(scores.shape, dropoutRate));
    const outputs = matMul(kept, values); //                                     [B,A,Q,D]
    return {
      value: outputs,
      saved: [queries, keys, values, probabilities, kept, outputs],
      gradients: (dOutputs, saved) => {
        const [queries, keys, values, probabilities, kept, outputs] = saved as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        const dKept = matMul(dOutputs, values, false, true); //                  [B,A,Q,T]
        const rowSums = sum(mul(dOutputs, outputs), -1, true); //                [B,A,Q,1]
        // dP ∘ P equals dKept ∘ kept, the product of gradient, mask and probability, so the mask need not be saved.
        // Without dropout both factors contain P, and one multiplication suffices.
        const dScores =
          dropoutRate === 0
            ? mul(probabilities, sub(dKept, rowSums))
            : sub(mul(kept, dKept), mul(probabilities, rowSums));
        return [
          mul(matMul(dScores, keys), scale),
          mul(matMul(dScores, queries, true, false), scale),
          matMul(kept, dOutputs, true, false),
          ...inputs.slice(3).map(({ shape: [N] }) => (N === dScores.shape[0] ? dScores : sum(dScores, 0, true))),
        ];
      },
    };
  });
}
