import { type InputProblem, problem } from '../problems/problem.js';

export const splitName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
export const maxSplits = 20;

/** What is wrong with the splits that joined versions become. */
export function checkJoinedSplits(splits: readonly string[]): readonly InputProblem[] {
  if (splits.length < 2 || splits.length > maxSplits) {
    return [problem(['parts'], 'INVALID_VALUE', `There must be 2 to ${maxSplits} parts, not ${splits.length}.`)];
  }
  return splits.flatMap((name, i): InputProblem[] => {
    const path = ['parts', String(i), 'split'];
    if (!splitName.test(name)) {
      return [problem(path, 'INVALID_VALUE', `“${name}” cannot name a split.`, 'Use letters, digits, _ and -.')];
    }
    if (splits.indexOf(name) === i) return [];
    return [problem(path, 'INVALID_VALUE', `There are two splits named “${name}”.`)];
  });
}
