import { type InputProblem, ProblemsError } from './problem.js';

/**
 * The results of checks that do not depend on each other. Throws ProblemsError with the problems of all that failed,
 * in their order, or the first other error.
 */
export async function together<Results extends readonly unknown[]>(
  checks: {
    readonly [Index in keyof Results]: Promise<Results[Index]>;
  },
): Promise<Results> {
  const settled = await Promise.allSettled(checks);
  const problems: InputProblem[] = [];
  const results: unknown[] = [];
  for (const each of settled) {
    if (each.status === 'fulfilled') results.push(each.value);
    else if (each.reason instanceof ProblemsError) problems.push(...each.reason.problems);
    else throw each.reason;
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return results as unknown as Results;
}
