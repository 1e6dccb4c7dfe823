import { wilsonInterval } from '../statistics/intervals.js';
import { signTest } from '../statistics/sign-test.js';
import type { LoopComparison } from './loop.js';

/**
 * How one model does against another on the same rows or prompts; null: there are none.
 * @param counts `ties`: without those of equal answers; `equal`: prompts to which both wrote the same, ties as well;
 *   `won`: the sum of the shares of the judgements that it won of each prompt that was judged, by default of one each
 */
export function compareCounts({
  wins,
  losses,
  ties: judged,
  equal = 0,
  won: ofJudged = wins + judged / 2,
}: {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  readonly equal?: number;
  readonly won?: number;
}): LoopComparison | null {
  const ties = judged + equal;
  const count = wins + losses + ties;
  const won = ofJudged + equal / 2;
  const interval = wilsonInterval(won, count);
  if (interval === null) return null;
  return {
    wins,
    losses,
    ties,
    equal,
    rate: won / count,
    lower: interval.low,
    upper: interval.high,
    p: signTest(wins, losses),
  };
}
