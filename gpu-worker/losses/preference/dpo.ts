import { add, mul, relu, sigmoid, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { PreferenceObjectiveOf } from '../../../src/protocol/preference-objective.js';
import { differenceAToken, logRatios, type PairSums } from './pair-sums.js';
import { smoothed, smoothedLogistic } from './smoothed-logistic.js';

/**
 * The losses of B pairs by DPO and what came after it [B], without its term of the chosen answers' tokens. With Δ the
 * log-ratio of an answer to the reference and d = Δ of the chosen − Δ of the rejected: docs/methods/dpo.md. At d = 0,
 * where the model is the reference, `sigmoid` is ln 2.
 */
export function dpoLosses(objective: PreferenceObjectiveOf<'dpo'>, sums: PairSums): Tensor {
  const { beta, labelSmoothing, strengthMargin, loss } = objective;
  const { ofChosen, ofRejected } = logRatios(sums);
  const scaled = mul(sub(ofChosen, ofRejected), beta);
  const margin = (z: Tensor) => (strengthMargin === 0 ? z : sub(z, mul(sums.strength, strengthMargin)));
  switch (loss) {
    case 'sigmoid':
      return smoothedLogistic(margin(scaled), smoothed(sums.certainty, labelSmoothing));
    case 'sigmoidPerToken': {
      const aToken = mul(differenceAToken(ofChosen, ofRejected, sums), beta);
      return smoothedLogistic(margin(aToken), smoothed(sums.certainty, labelSmoothing));
    }
    case 'robust': {
      // [−(1 − ε) log σ(z) + ε log σ(−z)] / (1 − 2ε) is the cross-entropy with the certainty (1 − ε) / (1 − 2ε).
      const corrected = mul(sub(sums.certainty, labelSmoothing), 1 / (1 - 2 * labelSmoothing));
      return smoothedLogistic(margin(scaled), corrected);
    }
    case 'hinge':
      return relu(sub(1, margin(scaled)));
    case 'ipo':
      return square(sub(differenceAToken(ofChosen, ofRejected, sums), 1 / (2 * beta)));
    case 'apoZero':
      return add(sub(1, sigmoid(mul(ofChosen, beta))), sigmoid(mul(ofRejected, beta)));
    case 'apoDown':
      return add(sigmoid(mul(ofChosen, beta)), sub(1, sigmoid(scaled)));
    default:
      return loss satisfies never;
  }
}
