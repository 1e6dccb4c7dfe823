import { isProblem, readPattern } from '../preparation/linear-pattern.js';
import type { InputProblem } from '../problems/problem.js';
import { rewardLimits } from '../protocol/rewards/reward-limits.js';
import { CountedText, TooManyReads } from './counted-text.js';

/** A regular expression of RE2, whose time is linear in the length of a text. */
export interface Pattern {
  isIn(text: string): boolean;
  isWhole(text: string): boolean;
  /**
   * The first group of the last match, or all of it where the pattern has no group; null: there is none. Each search
   * for the next match may read the rest of the text: of more than `maxMatches`, or of those that take more than
   * `maxMatchReads`, the last one that was found counts. The first is found in any case.
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
      const group = groupCount > 0 ? 1 : 0;
      const found = engine.matcher(text);
      if (!found.find()) return null;
      let last = found.group(group) ?? null;
      const counted = new CountedText(text, Math.ceil(rewardLimits.maxMatchReads / engine.programSize()));
      // The engine takes objects of strings, too, which its types do not know.
      const matcher = engine.matcher(counted as unknown as string);
      try {
        for (let i = 0; i < rewardLimits.maxMatches && matcher.find(); i++) last = matcher.group(group) ?? null;
      } catch (error) {
        if (!(error instanceof TooManyReads)) throw error;
      }
      return last;
    },
  };
}
