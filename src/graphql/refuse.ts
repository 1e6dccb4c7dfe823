import { GraphQLError } from 'graphql';
import { type InputProblem, ProblemsError } from '../problems/problem.js';

/** Throws the first problem as a GraphQL error: fields of a query have no union of problems, unlike mutations. */
export function refuse(problems: readonly InputProblem[]): void {
  const [first] = problems;
  if (first !== undefined) throw new GraphQLError(first.message, { extensions: { code: first.code } });
}

/** The result of a service. Its problems become a GraphQL error. */
export async function orRefuse<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof ProblemsError) refuse(error.problems);
    throw error;
  }
}
