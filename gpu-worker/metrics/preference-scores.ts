import type { ComparedPairs, PreferenceScores } from '../../src/protocol/evaluation-scores.js';
import { preferencesTask } from '../../src/protocol/preference-evaluation.js';
import { type JudgedPairs, shareOfPairs } from '../../src/statistics/share-of-pairs.js';
import { softplus } from './sigmoid.js';

/** What a language model and its reference make of the answers of a pair, the better one first. */
export interface ScoredPair {
  /** ln of the probability of each answer, in nats. */
  readonly policy: readonly number[];
  /** The same by the reference; not read where there is none. */
  readonly reference: readonly number[];
  /** Tokens of each answer. */
  readonly tokens: readonly number[];
  /** Sum over the answers' tokens of half the squared log-ratio to the reference. */
  readonly divergence: number;
}

/**
 * Scores of a language model on pairs.
 * @param pairs at least one
 * @param units of both answers of each pair, what they share with those that they depend on (`pairUnits`)
 * @param reference null: the model is compared with none
 */
export function scorePairs(
  pairs: readonly ScoredPair[],
  units: JudgedPairs['units'],
  reference: { readonly digest: string; readonly beta: number } | null,
): Omit<PreferenceScores, 'tokensDigest' | 'leftOutCount' | 'truncatedCount'> {
  const mean = (of: (pair: ScoredPair) => number) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const tokens = pairs.reduce((sum, pair) => sum + pair.tokens[0]! + pair.tokens[1]!, 0);
  return {
    kind: 'preferences',
    task: preferencesTask,
    exampleCount: pairs.length,
    ...comparePairs(
      pairs.map((pair) => perToken(pair, 0) - perToken(pair, 1)),
      units,
    ),
    chosenLogProbability: mean((pair) => perToken(pair, 0)),
    rejectedLogProbability: mean((pair) => perToken(pair, 1)),
    byReference: reference && {
      ...comparePairs(
        pairs.map((pair) => implicitReward(pair, 0, reference.beta) - implicitReward(pair, 1, reference.beta)),
        units,
      ),
      ...reference,
      divergence: pairs.reduce((sum, pair) => sum + pair.divergence, 0) / Math.max(1, tokens),
    },
  };
}

/** The mean ln of the probability of an answer's tokens, in nats. @param side 0: the better answer */
export function perToken({ policy, tokens }: ScoredPair, side: 0 | 1): number {
  return policy[side]! / Math.max(1, tokens[side]!);
}

/** β times the ln of the ratio of an answer's probability to the reference's (Rafailov et al. 2023, eq. 5). */
export function implicitReward({ policy, reference }: ScoredPair, side: 0 | 1, beta: number): number {
  return beta * (policy[side]! - reference[side]!);
}

/** @param differences at least one, the better answer's number minus the other's */
function comparePairs(differences: readonly number[], units: JudgedPairs['units']): ComparedPairs {
  const N = differences.length;
  const right = differences.filter((difference) => difference > 0).length;
  return {
    right,
    ties: differences.filter((difference) => difference === 0).length,
    accuracy: right / N,
    interval: shareOfPairs({ isRight: differences.map((difference) => difference > 0), units })!,
    margin: differences.reduce((sum, difference) => sum + difference, 0) / N,
    loss: differences.reduce((sum, difference) => sum + softplus(-difference), 0) / N,
  };
}
