import type { Problem } from '../../../src/protocol/run-event.js';
import { ProblemError } from '../../problem-error.js';
import { asFileProblem } from '../problems.js';

/** Does parts of an inspection one after the other, and notes what an import would end with. */
export interface ProblemsOf {
  /** What was noted so far, in order, each once. */
  readonly found: readonly Problem[];
  /** What a part gives; null where it ends with a ProblemError, which is noted. Other errors are thrown on. */
  attempt<T>(part: () => T | Promise<T>): Promise<T | null>;
}

/** @param isRemote whether the files come from a hub */
export function problemsOf(isRemote: boolean): ProblemsOf {
  const found: Problem[] = [];
  return {
    found,
    async attempt(part) {
      try {
        return await part();
      } catch (error) {
        const told = asFileProblem(error, 'a file of the model', isRemote);
        if (!(told instanceof ProblemError)) throw told;
        const { problem } = told;
        // What says that the hub is gone, or that nobody waits, is no property of the model.
        if (problem.code === 'HUB_UNAVAILABLE' || problem.code === 'TIMEOUT') throw told;
        if (!found.some((other) => isSame(other, problem))) found.push(problem);
        return null;
      }
    },
  };
}

/** What is too large is so by less exact figures too. */
function isSame(one: Problem, other: Problem): boolean {
  const isOfSize = one.code === 'OUT_OF_MEMORY' || one.code === 'QUOTA_EXCEEDED';
  return one.code === other.code && (isOfSize || one.message === other.message);
}
