import { type InputProblem, ProblemsError } from '../../../src/problems/problem.js';

/** @throws ProblemsError with all problems, if there are any */
export function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
