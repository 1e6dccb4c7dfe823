import { add, maximum, minimum, mul, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';

/** The tokens of completions, each [N] float32. What fills a batch up has the weight 0. */
export interface ValueTargets {
  /** What the value model in training expects before the token. */
  readonly values: Tensor;
  /** The same before the first update of the step. */
  readonly before: Tensor;
  readonly returns: Tensor;
  readonly weights: Tensor;
}

/**
 * The clipped loss of values: Σ weight · ½ max((V − R)², (V′ − R)²) → scalar, where V′ is V no further than `clip` from
 * what it was when the completions were written (Schulman et al.'s code of PPO; TRL). Null: without a clip.
 */
export function valueLoss({ values, before, returns, weights }: ValueTargets, clip: number | null): Tensor {
  const plain = square(sub(values, returns));
  if (clip === null) return sum(mul(plain, mul(weights, 0.5)));
  const near = minimum(maximum(values, sub(before, clip)), add(before, clip));
  return sum(mul(maximum(plain, square(sub(near, returns))), mul(weights, 0.5)));
}

/** The share of tokens whose loss is that of the clipped value, since it is the greater one: all [N]. */
export function clippedValueShare(
  { values, before, returns }: Readonly<Record<'values' | 'before' | 'returns', Float32Array>>,
  clip: number | null,
): number {
  if (clip === null) return 0;
  let clipped = 0;
  for (const [token, value] of values.entries()) {
    const near = Math.min(before[token]! + clip, Math.max(before[token]! - clip, value));
    if ((near - returns[token]!) ** 2 > (value - returns[token]!) ** 2) clipped += 1;
  }
  return clipped / values.length;
}
