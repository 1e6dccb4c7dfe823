import exp from '@stdlib/math-base-special-exp';
import gammaln from '@stdlib/math-base-special-gammaln';
import ln from '@stdlib/math-base-special-ln';
import log1p from '@stdlib/math-base-special-log1p';
import { type Random, uniform } from './random.js';

/** Below so many expected successes, counting up from zero takes fewer steps than rejection does. */
const fewExpected = 10;

/** A number of successes in n trials, each with probability p. Time O(1) on average, whatever n. */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  return n * p < fewExpected ? byInversion(random, n, p) : byRejection(random, n, p);
}

/** Goes through the probabilities of 0, 1, 2, … until their sum passes a uniform number. */
function byInversion(random: Random, n: number, p: number): number {
  const odds = p / (1 - p);
  let probability = exp(n * log1p(-p));
  let rest = uniform(random);
  let successes = 0;
  while (rest >= probability && successes < n) {
    rest -= probability;
    successes++;
    probability *= (odds * (n - successes + 1)) / successes;
  }
  return successes;
}

/** BTRS, transformed rejection with squeeze (Hörmann 1993, J. Stat. Comput. Simul. 46), for p ≤ 0.5 and n·p ≥ 10. */
function byRejection(random: Random, n: number, p: number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((n + 1) * p);
  const logOdds = ln(p / (1 - p));
  const atMode = gammaln(mode + 1) + gammaln(n - mode + 1);
  while (true) {
    const u = uniform(random) - 0.5;
    const v = uniform(random);
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= squeeze) return k;
    if (!(k >= 0 && k <= n)) continue;
    const bound = ln((v * alpha) / (a / (us * us) + b));
    if (bound <= atMode - gammaln(k + 1) - gammaln(n - k + 1) + (k - mode) * logOdds) return k;
  }
}
