import { isProblem, readPattern } from '../preparation/linear-pattern.js';
import type { InputProblem } from '../problems/problem.js';
import { rewardLimits } from '../protocol/rewards/reward-limits.js';

/** A regular expression of RE2, whose time is linear in the length of a text. */
export interface Pattern {
  isIn(text: string): boolean;
  isWhole(text: string): boolean;
  /**
   * The first group of the last match, or all of it where the pattern has no group; null: there is none. Of more than
   * `maxMatches`, the last of these counts: each search for the next may read the rest of the text.
   */
  lastIn(text: string): string | null;
}

export function openPattern(pattern: string, ignoreCase: boolean, path: readonly string[]): Pattern | InputProblem {
  const read = readPattern(pattern, ignoreCase, path);
  if (isProblem(read)) return read;
  const { engine, groupCount } = read;
  return {
    isIn: (text) => engine.matcher(text).find(),
    isWhole: (text) => engine.matches(text),
    lastIn(text) {
      const matcher = engine.matcher(text);
      let last: string | null = null;
      for (let i = 0; i < rewardLimits.maxMatches && matcher.find(); i++)
        last = matcher.group(groupCount > 0 ? 1 : 0) ?? null;
      return last;
    },
  };
}
