import { ProblemError } from '../problem-error.js';

/** The error of a model whose files are not valid or do not fit each other. */
export function invalidModel(why: string, cause?: unknown): ProblemError {
  return new ProblemError(
    { path: [], code: 'INVALID_MODEL', message: `the model cannot be used: ${why}`, hint: null },
    { cause },
  );
}
