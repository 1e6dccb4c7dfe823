import { type InputProblem, problem } from '../../problems/problem.js';
import { weightRange } from '../../protocol/heads.js';

/**
 * The problem of a loss's factor, if any.
 * @param path of the factor in the input
 */
export function checkWeight(weight: number, path: readonly string[]): InputProblem[] {
  const { least, most } = weightRange;
  if (weight >= least && weight <= most) return [];
  const message = weight > 0 ? `Must be from ${least} to ${most}.` : 'Must be above 0.';
  return [problem(path, 'INVALID_VALUE', message)];
}
