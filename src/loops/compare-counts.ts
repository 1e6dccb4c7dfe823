import { wilsonInterval } from '../statistics/intervals.js';
import { signTest } from '../statistics/sign-test.js';
import type { LoopComparison } from './loop.js';

/** How one model does against another on the same rows or prompts; null: there are none. */
export function compareCounts({
  wins,
  losses,
  ties,
}: {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}): LoopComparison | null {
  const count = wins + losses + ties;
  const won = wins + ties / 2;
  const interval = wilsonInterval(won, count);
  if (interval === null) return null;
  return {
    wins,
    losses,
    ties,
    rate: won / count,
    lower: interval.low,
    upper: interval.high,
    p: signTest(wins, losses),
  };
}
