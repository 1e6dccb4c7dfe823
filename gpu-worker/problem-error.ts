import type { Problem } from '../src/protocol/run-event.js';

/** A job that can't be done as requested; the problem is what its user will read. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.problem = problem;
  }
}
