import ln from '@stdlib/math-base-special-ln';
import { leastProbability } from '../consensus/annotator-errors.js';
import { normalise } from '../consensus/dawid-skene.js';
import { requireCount, requireNumber, StatisticsError } from '../statistics-error.js';

/** An answer to a unit, and how often the person who gave it is right. */
export interface WeighedVote {
  /** The place of the label. */
  readonly label: number;
  /** From 0 to 1; that of a person of whom nothing is known is for the caller to say. */
  readonly accuracy: number;
}

/** How many answers a unit is to get. */
export interface OverlapRule {
  /** A label with this probability is sure; by default 0.9. */
  readonly sure?: number;
  /** Answers that each unit gets, however sure the first is; by default 1. */
  readonly least?: number;
  /** Answers at most, however unsure the label is; by default 3. */
  readonly most?: number;
}

export interface Overlap {
  /** Of the labels, [labels] */
  readonly probabilities: Float64Array;
  /** The most probable label's place, the first of several. */
  readonly label: number;
  readonly isSure: boolean;
  /** Whether another person is to be asked. */
  readonly asksAgain: boolean;
}

/**
 * The probabilities of a unit's labels, P(k) ∝ p_k · Π (accuracy if the answer is k, else (1 − accuracy) / (K − 1)),
 * and whether they are sure enough: the one-coin model with accuracies that are known.
 *
 * @param priors shares of the labels among units, [labels], their sum is 1
 * @throws StatisticsError a number is out of range
 */
export function judgeOverlap(
  votes: readonly WeighedVote[],
  priors: ArrayLike<number>,
  rule: OverlapRule = {},
): Overlap {
  const { sure = 0.9, least = 1, most = 3 } = rule;
  requireNumber('sure', sure, 0, 1);
  requireCount('least', least, 0);
  requireCount('most', most, Math.max(least, 1));
  const logs = Float64Array.from(priors, (prior, label) => {
    requireNumber(`priors[${label}]`, prior, 0, 1);
    return ln(Math.max(prior, leastProbability));
  });
  if (logs.length < 2) throw new StatisticsError('UNEQUAL_LENGTHS', 'priors', 'there are fewer than two labels.');
  for (const [index, { label, accuracy }] of votes.entries()) {
    requireNumber(`votes[${index}].accuracy`, accuracy, 0, 1);
    requireCount(`votes[${index}].label`, label, 0);
    requireNumber(`votes[${index}].label`, label, 0, logs.length - 1);
    const right = Math.min(Math.max(accuracy, leastProbability), 1 - leastProbability);
    const wrong = (1 - right) / (logs.length - 1);
    for (let other = 0; other < logs.length; other++) logs[other]! += ln(other === label ? right : wrong);
  }
  const probabilities = new Float64Array(logs.length);
  normalise(logs, probabilities);
  const greatest = probabilities.reduce((found, probability) => Math.max(found, probability), 0);
  const isSure = greatest >= sure;
  const asksAgain = votes.length < least || (votes.length < most && !isSure);
  return { probabilities, label: probabilities.indexOf(greatest), isSure, asksAgain };
}
