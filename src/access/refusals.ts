import { GraphQLError } from 'graphql';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { roleFor, type Scope } from './rights.js';
import { roleIn, type Viewer } from './viewer.js';

/** Why a viewer who may read the project lacks the right to do this in it, and what would help. */
export function lacksScope(viewer: Viewer, scope: Scope, projectId: string): InputProblem {
  const role = roleIn(viewer, projectId);
  const message = `This needs the scope ${scope} in the project.`;
  const needed = roleFor[scope];
  const hint =
    role !== null && viewer.credential.kind === 'API_KEY'
      ? `You are ${role} there, and the API key has ${viewer.credential.scopes.join(', ')}. The role ${needed} has this scope; the key must be created with it.`
      : `You are ${role ?? 'no member'} there. The role ${needed} has this scope: an owner of the project can give you that role.`;
  return problem([], 'FORBIDDEN', message, hint);
}

export const needsAdministrator: InputProblem = problem(
  [],
  'FORBIDDEN',
  'Only administrators of the server may do this.',
  'An API key can do it only with the scope ADMINISTER, and only if it is not limited to one project.',
);

/** A refusal as a GraphQL error, for operations without a result union. */
export function forbidden({ message, hint }: Pick<InputProblem, 'message' | 'hint'>): GraphQLError {
  return new GraphQLError(hint === null ? message : `${message} ${hint}`, { extensions: { code: 'FORBIDDEN' } });
}

export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

/**
 * The input names a project that does not exist, or that the viewer can't see.
 * @param path of the slug in the input
 */
export function noSuchProject(slug: string, path: readonly string[]): ProblemsError {
  return new ProblemsError([
    problem(
      path,
      'NOT_FOUND',
      `There is no project “${slug}”.`,
      'The project that every server starts with is `default`.',
    ),
  ]);
}
