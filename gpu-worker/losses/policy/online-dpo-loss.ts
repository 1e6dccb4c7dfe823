import { div, gather, mul, reshape, square, sub, sum, type Tensor, unsortedSegmentSum } from '@tensorflow/tfjs-core';
import { withGradient } from '../../nn/with-gradient.js';
import { logSigmoid } from '../preference/log-sigmoid.js';

/** What the difference of a pair's log-ratios is brought to: see docs/methods/online-dpo.md. */
export type OnlineDpoLoss = 'sigmoid' | 'ipo';

/** The tokens of a batch's pairs, each [N] float32 where nothing else is said. What fills a batch up has the sign 0. */
export interface PairTokens {
  /** ln of the probability that the policy in training gives the token. */
  readonly logProbabilities: Tensor;
  /** The same by the reference. */
  readonly reference: Tensor;
  /** +1 for a token of a chosen completion, −1 for one of a rejected completion. */
  readonly signs: Tensor;
  /** int32: the token's pair in the batch. */
  readonly pairOf: Tensor;
  /** [P]: what the loss of a pair is multiplied by; 0 where there is none. */
  readonly pairWeights: Tensor;
  /** [P]: β of each pair. */
  readonly betas: Tensor;
}

/**
 * Online DPO (Guo et al. 2024, arXiv:2402.04792, equations 2 and 4): with d the log-ratio of the chosen completion to
 * the reference less that of the rejected one, sums over tokens both, Σ weight · −ln σ(β d), or by IPO
 * Σ weight · (d − 1 / (2 β))² → scalar. IPO is of sums here, as in the paper and in TRL's online trainer, and not of
 * means over tokens as in preference optimization.
 *
 * @param pairs P, places for pairs in a batch
 */
export function onlineDpoLoss(
  { logProbabilities, reference, signs, pairOf, pairWeights, betas }: PairTokens,
  loss: OnlineDpoLoss,
  pairs: number,
): Tensor {
  const differences = sumsByPair(mul(sub(logProbabilities, reference), signs), pairOf, pairs); //  [P]
  switch (loss) {
    case 'sigmoid':
      return sum(mul(logSigmoid(mul(differences, betas)), mul(pairWeights, -1)));
    case 'ipo':
      return sum(mul(square(sub(differences, div(0.5, betas))), pairWeights));
    default:
      return loss satisfies never;
  }
}

/** Σ of the values of each pair's tokens: x [N], int32 pairOf [N] → [P]. */
function sumsByPair(x: Tensor, pairOf: Tensor, pairs: number): Tensor {
  return withGradient([x], () => ({
    value: reshape(unsortedSegmentSum(reshape(x, [x.size, 1]), pairOf as never, pairs), [pairs]),
    saved: [pairOf],
    gradients: (dy, [ids]) => [gather(dy, ids!)],
  }));
}
