import { exp, log1p } from '../portable-math.js';

/** 1 / (1 + e⁻ˣ) in double precision: σ(x) itself, without overflow, for both signs. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + exp(-logit));
  const exponential = exp(logit);
  return exponential / (1 + exponential);
}

/** ln(1 + eˣ), which is −ln σ(−x), without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
}
