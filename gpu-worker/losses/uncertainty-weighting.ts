import { add, exp, mul, neg, sum, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Weighs tasks by their learned homoscedastic uncertainty (Kendall, Gal & Cipolla 2018, arXiv:1705.07115): with
 * sᵢ = log σᵢ² as the trained parameter, L = Σᵢ exp(−sᵢ) · Lᵢ + sᵢ / 2. That is 1/σᵢ² · Lᵢ + log σᵢ, the paper's form
 * for classification (section 3.2, equation 10; s instead of σ for stability, as its section 3 ends).
 *
 * @param losses task losses [K]
 * @param logVariances s [K]; zeros to start with: every task counts 1
 * @param present [K] of 1, or 0 for a task with no label in this batch: it then moves neither its heads nor its s
 */
export function uncertaintyWeighting(losses: Tensor, logVariances: Tensor, present: Tensor): Tensor {
  const weights = exp(neg(logVariances));
  const terms = add(mul(weights, losses), mul(logVariances, 0.5));
  return sum(mul(terms, present));
}
