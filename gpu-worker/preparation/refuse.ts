import { type InputProblem, ProblemsError } from '../../src/problems/problem.js';

/** Throws ProblemsError if there are problems. */
export function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
