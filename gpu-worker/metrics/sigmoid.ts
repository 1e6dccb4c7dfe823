/** 1 / (1 + e⁻ˣ) in double precision: σ(x) itself, without overflow, for both signs. */
export function sigmoid(logit: number): number {
  if (logit >= 0) return 1 / (1 + Math.exp(-logit));
  const exponential = Math.exp(logit);
  return exponential / (1 + exponential);
}
