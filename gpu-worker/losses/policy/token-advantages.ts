import { exp } from '../../portable-math.js';

/**
 * What each token of completions earned, and how much better it was than expected: rewards, returns and advantages of
 * PPO. All arrays hold the tokens of R completions, one completion after the other, [N]; starts [R+1].
 */

/** What is added to a variance that is divided by, as TRL has it. */
const epsilon = 1e-8;

/** How the divergence at a token is estimated of a draw: ln π − ln π_ref (k1), or e^q − q − 1 of its negative (k3). */
export type DivergenceOf = 'k1' | 'k3';

/**
 * −weight · divergence at each token, and a completion's score beside it at its last token (Ziegler et al. 2019,
 * arXiv:1909.08593, equation 2; Stiennon et al. 2020): [N].
 *
 * @param scores [R]
 */
export function tokenRewards(
  { written, reference }: { readonly written: Float32Array; readonly reference: Float32Array },
  scores: Float64Array,
  starts: Int32Array,
  { klWeight, estimator }: { readonly klWeight: number; readonly estimator: DivergenceOf },
): Float64Array {
  const rewards = new Float64Array(written.length);
  for (const [token, logProbability] of written.entries()) {
    const q = reference[token]! - logProbability;
    rewards[token] = -klWeight * (estimator === 'k1' ? -q : exp(q) - q - 1);
  }
  for (const [row, score] of scores.entries()) rewards[starts[row + 1]! - 1]! += score;
  return rewards;
}

/** Values with deviation 1 and their own mean, or the mean 0: [N] → [N]. */
export function whitened(values: Float64Array, shiftsMean: boolean): Float64Array {
  const N = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / N;
  // Bessel's correction, as TRL has it; a single value has no variance.
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, N - 1);
  const scale = 1 / Math.sqrt(variance + epsilon);
  return values.map((value) => (value - mean) * scale + (shiftsMean ? 0 : mean));
}

/**
 * Generalized advantage estimation (Schulman et al. 2016, arXiv:1506.02438, equation 16), backwards over each
 * completion: δ_t = r_t + γ V_{t+1} − V_t, Â_t = δ_t + γ λ Â_{t+1}, return = Â_t + V_t. What follows the last token is
 * worth nothing.
 *
 * @param values [N]: what the value model expects before each token
 */
export function generalizedAdvantages(
  rewards: Float64Array,
  values: Float32Array,
  starts: Int32Array,
  { discount, lambda }: { readonly discount: number; readonly lambda: number },
): { readonly advantages: Float64Array; readonly returns: Float64Array } {
  const advantages = new Float64Array(rewards.length);
  const returns = new Float64Array(rewards.length);
  for (let row = 0; row + 1 < starts.length; row++) {
    let [next, nextAdvantage] = [0, 0];
    for (let token = starts[row + 1]! - 1; token >= starts[row]!; token--) {
      const value = values[token]!;
      nextAdvantage = rewards[token]! + discount * next - value + discount * lambda * nextAdvantage;
      advantages[token] = nextAdvantage;
      returns[token] = nextAdvantage + value;
      next = value;
    }
  }
  return { advantages, returns };
}

/** 1 − Var(return − value) / Var(return): 1 of perfect values, 0 of those that say the mean, below of worse ones. */
export function explainedVariance(values: Float32Array, returns: Float64Array): number {
  const varianceOf = (numbers: Float64Array) => {
    const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
    return numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  };
  const all = varianceOf(returns);
  return all === 0 ? 0 : 1 - varianceOf(returns.map((value, token) => value - values[token]!)) / all;
}
