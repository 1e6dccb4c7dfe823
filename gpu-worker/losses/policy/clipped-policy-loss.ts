import {
  add,
  clipByValue,
  exp,
  gather,
  minimum,
  mul,
  neg,
  reshape,
  sub,
  sum,
  type Tensor,
  unsortedSegmentSum,
} from '@tensorflow/tfjs-core';
import { withGradient } from '../../nn/with-gradient.js';

/** The largest ratio that an exponential is taken of: e^±20, so that a policy that ran away gives no infinity. */
const greatestLogRatio = 20;

/**
 * Which probabilities are compared between the policy in training and the one that wrote: those of each token (GRPO),
 * the geometric mean over a completion's tokens (GSPO, Zheng et al. 2025, arXiv:2507.18071, equation 7), or the product
 * of them, the completion's own probability (RLOO).
 */
export type RatioOf = 'token' | 'sequenceMean' | 'sequence';

export interface PolicyLossSettings {
  readonly ratioOf: RatioOf;
  /** A ratio counts down to 1 − low and up to 1 + high where it would raise the objective (Schulman et al. 2017). */
  readonly low: number;
  readonly high: number;
  /** The most that a ratio counts whatever the advantage's sign (δ, dual clip); null: no such limit. */
  readonly most: number | null;
  /** Weight β of the divergence from the reference in the loss. 0: `reference` is not read. */
  readonly klWeight: number;
  /** Rows of the batch, whose tokens the targets are. */
  readonly rows: number;
}

/** The completions' tokens, each [N] float32 where nothing else is said. What fills a batch up has the weight 0. */
export interface PolicyTargets {
  /** ln of the probability that the policy in training gives the token. */
  readonly logProbabilities: Tensor;
  /** The same of the policy that wrote it. */
  readonly written: Tensor;
  /** The same of the reference; null where the loss does not read it. */
  readonly reference: Tensor | null;
  /** The advantage of the token's completion. */
  readonly advantages: Tensor;
  /** What the token's loss is multiplied by: see `tokenWeights`. */
  readonly weights: Tensor;
  /** int32: the token's row in the batch. */
  readonly rowOf: Tensor;
  /**
   * By how much the token's ln ρ counts in its completion's: 1 for a product, 1 ∕ |y| for a mean, 0 for what fills up.
   */
  readonly inRow: Tensor;
}

/**
 * The clipped objective of policy optimization with its sign turned (Schulman et al. 2017, equation 7; GRPO, Shao et
 * al. 2024, arXiv:2402.03300, equation 3), with a divergence from a reference (k3, Schulman 2020: e^q − q − 1 with
 * q = ln π_ref − ln π, never negative): Σ weight · (−min(ρ A, clip(ρ) A) + β ρ k3) → scalar.
 *
 * The factor ρ makes the divergence's gradient that of KL(π ‖ π_ref) itself (DeepSeek-V3.2, 2025, arXiv:2512.02556):
 * without it, it is another one also where ρ is 1, since ρ has a gradient there.
 *
 * While the policy still is the one that wrote, every ratio is 1: the loss is −Σ weight · A, which is 0 where each
 * completion weighs the same and advantages have mean 0, and the gradient −A ∇ ln π is not.
 */
export function clippedPolicyLoss(
  { logProbabilities, written, reference, advantages, weights, rowOf, inRow }: PolicyTargets,
  { ratioOf, low, high, most, klWeight, rows }: PolicyLossSettings,
): Tensor {
  const perToken = sub(logProbabilities, written); //                                             [N]
  const logRatio = ratioOf === 'token' ? perToken : sumsOfRows(mul(perToken, inRow), rowOf, rows);
  const ratio = exp(clipByValue(logRatio, -greatestLogRatio, greatestLogRatio)); //               [N]
  const clipped = clipByValue(ratio, 1 - low, 1 + high);
  const limited = most === null ? ratio : clipByValue(ratio, 0, most);
  let losses: Tensor = neg(minimum(mul(limited, advantages), mul(clipped, advantages))); //       [N]
  if (reference !== null && klWeight !== 0) {
    const q = sub(reference, logProbabilities);
    losses = add(losses, mul(mul(sub(sub(exp(q), q), 1), ratio), klWeight));
  }
  return sum(mul(losses, weights));
}

/**
 * Each token's sum over the tokens of its row: x [N], int32 rowOf [N] → [N]. The map is symmetric, so that its gradient
 * is the map itself.
 */
function sumsOfRows(x: Tensor, rowOf: Tensor, rows: number): Tensor {
  const sums = (values: Tensor, ids: Tensor) =>
    gather(reshape(unsortedSegmentSum(reshape(values, [values.size, 1]), ids as never, rows), [rows]), ids);
  return withGradient([x], () => ({
    value: sums(x, rowOf),
    saved: [rowOf],
    gradients: (dy, [ids]) => [sums(dy, ids!)],
  }));
}
