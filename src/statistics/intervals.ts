import { betaQuantile } from './incomplete-beta.js';
import { requireNumber } from './statistics-error.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the normal distribution. */
const z = 1.959963984540054;

/**
 * Wilson's interval of 95 % for a share (Wilson 1927, JASA 22): unlike p ± 1.96·√(p(1 − p)/n) it stays within [0, 1],
 * and does not shrink to a point at 0 and 1. Null: nothing was tried.
 *
 * @param successes from 0 to `tries`, also fractions, such as ties as halves, of which it is too wide an interval
 */
export function wilsonInterval(successes: number, tries: number): Interval | null {
  requireNumber('tries', tries, 0, Number.MAX_SAFE_INTEGER);
  requireNumber('successes', successes, 0, tries);
  if (tries === 0) return null;
  const share = successes / tries;
  const middle = share + (z * z) / (2 * tries);
  const reach = z * Math.sqrt((share * (1 - share)) / tries + (z * z) / (4 * tries * tries));
  const scale = 1 + (z * z) / tries;
  return {
    low: successes === 0 ? 0 : (middle - reach) / scale,
    high: successes === tries ? 1 : (middle + reach) / scale,
  };
}

/** What is known of a share after some tries, if every share was as likely before: Beta(1 + right, 1 + wrong). */
export interface SharePosterior extends Interval {
  readonly mean: number;
  readonly right: number;
  readonly wrong: number;
}

/** The posterior's mean, and its interval of 95 % with 2.5 % beyond either end. */
export function sharePosterior(right: number, wrong: number): SharePosterior {
  requireNumber('right', right, 0, Number.MAX_SAFE_INTEGER);
  requireNumber('wrong', wrong, 0, Number.MAX_SAFE_INTEGER);
  const quantile = (share: number) => betaQuantile(share, 1 + right, 1 + wrong);
  return { mean: (1 + right) / (2 + right + wrong), low: quantile(0.025), high: quantile(0.975), right, wrong };
}
