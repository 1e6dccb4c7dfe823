import exp from '@stdlib/math-base-special-exp';
import gammaln from '@stdlib/math-base-special-gammaln';
import { requireCount } from './statistics-error.js';

/**
 * The exact sign test: how probable a split of n = wins + losses at least as uneven is, if each is as probable as the
 * other: min(1, 2·P(X ≤ min(wins, losses))), X ~ Binomial(n, 1/2). Ties do not count. Null: n is 0.
 */
export function signTest(wins: number, losses: number): number | null {
  requireCount('wins', wins, 0);
  requireCount('losses', losses, 0);
  const n = wins + losses;
  if (n === 0) return null;
  const fewer = Math.min(wins, losses);
  let term = exp(gammaln(n + 1) - gammaln(fewer + 1) - gammaln(n - fewer + 1) - n * Math.LN2);
  let sum = 0;
  // Terms fall from the greatest on: those below the digits of the sum end it.
  for (let k = fewer; k >= 0 && term > sum * 1e-17; k--) {
    sum += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * sum);
}
