import { exp } from '../portable-math.js';

/** 1 / (1 + e⁻ˣ) in double precision: σ(x) itself, without overflow, for both signs. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + exp(-logit));
  const exponential = exp(logit);
  return exponential / (1 + exponential);
}
