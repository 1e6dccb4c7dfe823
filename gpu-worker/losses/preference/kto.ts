import { add, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { PreferenceObjectiveOf } from '../../../src/protocol/preference-objective.js';

/** Answers that are good or bad by themselves. */
export interface AnswerSums {
  /** Log-probabilities of B answers, each summed over its tokens, in nats, by the model and the reference [B]. */
  readonly answer: Tensor;
  readonly reference: Tensor;
  /** 1 of a good answer, else 0 [B]. */
  readonly isGood: Tensor;
  /**
   * z₀, a scalar: the mean log-ratio of answers to other prompts, at least 0. It has no gradient.
   */
  readonly baseline: Tensor;
}

/**
 * KTO's losses [B]: λ_D (1 − σ(β (Δ − z₀))) of good answers and λ_U (1 − σ(β (z₀ − Δ))) of bad ones, Ethayarajh et al.
 * 2024, equation 8; of `apoZero` with z₀ = 0. Where the model is the reference, each is half its weight.
 */
export function ktoLosses(objective: PreferenceObjectiveOf<'kto'>, sums: AnswerSums): Tensor {
  const { loss, beta, desirableWeight, undesirableWeight } = objective;
  const ratio = sub(sums.answer, sums.reference);
  const gap = loss === 'kto' ? sub(ratio, sums.baseline) : ratio;
  // +1 of good answers, −1 of bad ones.
  const direction = sub(mul(sums.isGood, 2), 1);
  const weight = add(mul(sums.isGood, desirableWeight - undesirableWeight), undesirableWeight);
  return mul(weight, sub(1, sigmoid(mul(mul(gap, direction), beta))));
}
