import { ProblemError } from '../../problem-error.js';

/** @param path within the schema */
export function invalidSchema(path: readonly string[], message: string, hint: string | null): ProblemError {
  return new ProblemError({ path: ['output', 'jsonSchema', ...path], code: 'INVALID_SCHEMA', message, hint });
}
