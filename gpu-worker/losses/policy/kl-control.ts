/** By what part the weight changes at most at once, per horizon. */
const mostError = 0.2;

/**
 * The weight of the divergence after a step whose completions had a mean divergence of `kl` nats each: it rises while
 * that is above the target and falls while it is below (Ziegler et al. 2019, arXiv:1909.08593, section 2.2).
 *
 * @param horizon completions after which an error of 20 % has changed the weight by about as much
 */
export function adaptedWeight(
  weight: number,
  kl: number,
  completions: number,
  { target, horizon }: { readonly target: number; readonly horizon: number },
): number {
  const error = Math.min(mostError, Math.max(-mostError, kl / target - 1));
  return Math.max(0, weight * (1 + (error * completions) / horizon));
}
