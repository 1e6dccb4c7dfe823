import { div, expm1, log, minimum, mul, neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { PreferenceObjectiveOf } from '../../../src/protocol/preference-objective.js';
import { logSigmoid } from './log-sigmoid.js';
import { differenceAToken, type PairSums } from './pair-sums.js';
import { smoothed, smoothedLogistic } from './smoothed-logistic.js';

/** A mean log-probability above this counts as this: the odds of certainty are infinite. */
const highestMean = -1e-7;

/**
 * ORPO's odds-ratio losses [B], −β log σ(log odds of the chosen − log odds of the rejected), where the probability of
 * an answer is its tokens' geometric mean: Hong et al. 2024, equation 7.
 */
export function orpoLosses({ beta }: PreferenceObjectiveOf<'orpo'>, sums: PairSums): Tensor {
  const chosen = logOdds(div(sums.chosen, sums.chosenTokens));
  const rejected = logOdds(div(sums.rejected, sums.rejectedTokens));
  return mul(logSigmoid(sub(chosen, rejected)), -beta);
}

/** SimPO's losses [B], −log σ(β (mean of the chosen − mean of the rejected) − γ): Meng et al. 2024, equation 6. */
export function simpoLosses({ beta, gamma, labelSmoothing }: PreferenceObjectiveOf<'simpo'>, sums: PairSums): Tensor {
  const z = sub(mul(differenceAToken(sums.chosen, sums.rejected, sums), beta), gamma);
  return smoothedLogistic(z, smoothed(sums.certainty, labelSmoothing));
}

/** CPO's preference losses [B], −log σ(β (sum of the chosen − sum of the rejected)): Xu et al. 2024, equation 3. */
export function cpoLosses({ beta, labelSmoothing }: PreferenceObjectiveOf<'cpo'>, sums: PairSums): Tensor {
  const z = mul(sub(sums.chosen, sums.rejected), beta);
  return smoothedLogistic(z, smoothed(sums.certainty, labelSmoothing));
}

/** ln p / (1 − p) of ln p. */
function logOdds(logProbability: Tensor): Tensor {
  const a = minimum(logProbability, highestMean);
  return sub(a, log(neg(expm1(a))));
}
