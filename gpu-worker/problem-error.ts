import type { Problem } from '../src/protocol/run-event.js';
import { storableText } from '../src/protocol/storable-text.js';

/** A job that can't be done as requested; the problem is what its user will read, and is stored. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    const { message, hint } = problem;
    super(message, options);
    this.problem = { ...problem, message: storableText(message), hint: hint === null ? null : storableText(hint) };
  }
}
