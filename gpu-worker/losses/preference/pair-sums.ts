import { div, sub, type Tensor } from '@tensorflow/tfjs-core';

/** Log-probabilities of the answers of B pairs, each summed over its tokens, in nats; all [B]. */
export interface PairSums {
  /** By the model that is trained. */
  readonly chosen: Tensor;
  readonly rejected: Tensor;
  /** By the reference; 0 where the objective has none. */
  readonly referenceChosen: Tensor;
  readonly referenceRejected: Tensor;
  /** Tokens of the answers, at least 1. */
  readonly chosenTokens: Tensor;
  readonly rejectedTokens: Tensor;
  /** How likely the chosen answer is the better one; 1 where that is sure. */
  readonly certainty: Tensor;
  /** By how much the chosen answer is better; 0 where nothing is said. */
  readonly strength: Tensor;
}

/** Log-ratios to the reference: Δ of the chosen and of the rejected answer [B]. */
export function logRatios({ chosen, rejected, referenceChosen, referenceRejected }: PairSums) {
  return { ofChosen: sub(chosen, referenceChosen), ofRejected: sub(rejected, referenceRejected) };
}

/** The same difference of two numbers a token: first / tokens − second / tokens [B]. */
export function differenceAToken(first: Tensor, second: Tensor, sums: PairSums): Tensor {
  return sub(div(first, sums.chosenTokens), div(second, sums.rejectedTokens));
}
