import type { PreferenceObjective } from '../../../src/protocol/preference-objective.js';
import { type PreferenceTexts, sharedTokens, textsOf } from './preference-texts.js';

/** What an example's answers are by the model and by the reference; of a pair, the better one first. */
export interface ExampleSums {
  /** ln of the probability of each answer, as the objective adds it up, in nats. */
  readonly policy: readonly number[];
  /** The same by the reference; 0 where there is none. */
  readonly reference: readonly number[];
  /** Tokens of each answer. */
  readonly tokens: readonly number[];
  /**
   * Sum over the answers' tokens of d² / 2, d = ln of the ratio of the model's probability to the reference's:
   * Schulman's k2. Neither model wrote the answers, and an estimate with e^d would be that of the rarest token.
   */
  readonly divergence: number;
}

/**
 * Adds up the log-probabilities of an example's answers.
 * @param policyOf log-probabilities of a text's targets, by its place among the example's texts
 * @param reference those of all texts' targets; null where the objective has none
 */
export function sumsOfExample(
  texts: PreferenceTexts,
  objective: PreferenceObjective,
  example: number,
  policyOf: (side: number, text: number) => Float32Array,
  reference: Float32Array | null,
): ExampleSums {
  const { examples, starts, areAnswers } = texts;
  const tailWeight = objective.kind === 'dpo' ? objective.tailWeight : 1;
  const shared = tailWeight === 1 ? Number.POSITIVE_INFINITY : sharedTokens(texts, example);
  let divergence = 0;
  const sides = Array.from(textsOf(examples, example), (text, side) => {
    const values = policyOf(side, text);
    let [policy, ofReference, tokens] = [0, 0, 0];
    for (let index = 0; index < values.length; index++) {
      const target = starts[text]! + index;
      if (areAnswers[target] === 0) continue;
      const weight = tokens < shared ? 1 : tailWeight;
      policy += weight * values[index]!;
      tokens += 1;
      if (reference === null) continue;
      ofReference += weight * reference[target]!;
      const d = values[index]! - reference[target]!;
      divergence += (d * d) / 2;
    }
    return { policy, reference: ofReference, tokens };
  });
  return {
    policy: sides.map((side) => side.policy),
    reference: sides.map((side) => side.reference),
    tokens: sides.map((side) => side.tokens),
    divergence,
  };
}

/** Sums of all examples, of the log-probabilities of all texts' targets. */
export function sumsOfAll(
  texts: PreferenceTexts,
  objective: PreferenceObjective,
  policy: Float32Array,
  reference: Float32Array | null,
): ExampleSums[] {
  const { examples, starts } = texts;
  const count = examples.kind === 'pairs' ? examples.texts.length / 2 : examples.texts.length;
  const of = (_: number, text: number) => policy.subarray(starts[text]!, starts[text + 1]!);
  return Array.from({ length: count }, (_, example) => sumsOfExample(texts, objective, example, of, reference));
}

/**
 * The reward of an answer that an objective compares: β times the log-ratio to the reference or, without one, the
 * log-probability; of a token on average where the loss is of averages.
 */
export function rewardOf(objective: PreferenceObjective, policy: number, reference: number, tokens: number): number {
  const { beta } = objective;
  const perToken = beta / Math.max(1, tokens);
  switch (objective.kind) {
    case 'dpo': {
      const isOfTokens = objective.loss === 'sigmoidPerToken' || objective.loss === 'ipo';
      return (isOfTokens ? perToken : beta) * (policy - reference);
    }
    case 'kto':
      return beta * (policy - reference);
    case 'orpo':
    case 'simpo':
      return perToken * policy;
    case 'cpo':
      return beta * policy;
    default:
      return objective satisfies never;
  }
}
