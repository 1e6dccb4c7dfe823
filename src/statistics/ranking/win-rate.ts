import { type Interval, wilsonInterval } from '../intervals.js';
import { signTest } from '../sign-test.js';
import { StatisticsError } from '../statistics-error.js';
import { type Comparison, checkComparisons } from './comparisons.js';

/** How a model does against one other. */
export interface WinRate {
  /** Prompts whose judgements are for the model, against it, or balanced. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** The mean over prompts of the share of its judgements that it won, ties as halves; null without prompts. */
  readonly rate: number | null;
  /** Wilson's, over prompts. */
  readonly interval: Interval | null;
  /** p-value of the exact sign test over prompts that are not balanced. */
  readonly p: number | null;
  readonly promptCount: number;
  /** Judgements, several of a prompt counted. */
  readonly judgementCount: number;
}

/**
 * The win rate of `model` against `other`: prompts count, not judgements, since those of one prompt depend on each
 * other. Comparisons of other models are left out, and which of the two is a and which is b makes no difference.
 *
 * @throws StatisticsError both are the same, or a comparison is wrong
 */
export function winRate(comparisons: readonly Comparison[], model: string, other: string): WinRate {
  if (model === other) throw new StatisticsError('UNKNOWN_NAME', 'other', `“${model}” is compared with itself.`);
  checkComparisons(comparisons);
  const scores = new Map<string, { score: number; weight: number }>();
  let judgementCount = 0;
  for (const { a, b, outcome, prompt, weight = 1 } of comparisons) {
    const isFirst = a === model && b === other;
    if ((!isFirst && !(a === other && b === model)) || weight === 0) continue;
    judgementCount++;
    const sum = scores.get(prompt) ?? { score: 0, weight: 0 };
    scores.set(prompt, sum);
    sum.weight += weight;
    if (outcome === 'TIE') sum.score += weight / 2;
    else if ((outcome === 'A') === isFirst) sum.score += weight;
  }
  const shares = Array.from(scores.values(), ({ score, weight }) => score / weight);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const wins = shares.filter((share) => share > 0.5).length;
  const losses = shares.filter((share) => share < 0.5).length;
  return {
    wins,
    losses,
    ties: shares.length - wins - losses,
    rate: shares.length === 0 ? null : total / shares.length,
    interval: wilsonInterval(total, shares.length),
    p: signTest(wins, losses),
    promptCount: shares.length,
    judgementCount,
  };
}
