import { ProblemsError } from './errors.js';
import type { Problem } from './problem.js';
import type { ResultOf } from './typed-document.js';

export interface Problems {
  readonly __typename: 'Problems';
  readonly problems: readonly Problem[];
}

type Member = { readonly __typename: string };

/** Whether an answer is `Problems`: then nothing was changed. Narrows both branches. */
export function isProblems<Union extends Member>(
  result: Union,
): result is Extract<Union, { readonly __typename: 'Problems' }> {
  return result.__typename === 'Problems';
}

/** The result of a mutation or a plan. Throws ProblemsError where it is `Problems`. */
export function orThrow<Union extends Member>(result: Union): ResultOf<Union> {
  if (isProblems(result)) throw new ProblemsError((result as unknown as Problems).problems);
  return result as ResultOf<Union>;
}
