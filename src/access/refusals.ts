import { GraphQLError } from 'graphql';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { roleFor, type Scope } from './rights.js';
import { roleIn, type Viewer } from './viewer.js';

/** Why a viewer who may read a project may not do this in it, and what would help. */
export function lacksScope(viewer: Viewer, scope: Scope, projectId: string): InputProblem {
  const role = roleIn(viewer, projectId);
  const message = `This needs the scope ${scope} in the project.`;
  const needed = roleFor[scope];
  const hint =
    role !== null && viewer.credential.kind === 'API_KEY'
      ? `You are ${role} there, and the API key has ${viewer.credential.scopes.join(', ')}. The role ${needed} has it; a key must be made with it.`
      : `You are ${role ?? 'no member'} there. The role ${needed} has it: an owner of the project can give it to you.`;
  return problem([], 'FORBIDDEN', message, hint);
}

export const needsAdministrator: InputProblem = problem(
  [],
  'FORBIDDEN',
  'This is for administrators of the server.',
  'An API key needs the scope ADMINISTER, and must not be of one project, to be used for it.',
);

/** A refusal where there is no union to answer with. */
export function forbidden({ message, hint }: Pick<InputProblem, 'message' | 'hint'>): GraphQLError {
  return new GraphQLError(hint === null ? message : `${message} ${hint}`, { extensions: { code: 'FORBIDDEN' } });
}

export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

/** An input names a project that is not there, or that the viewer can't see. @param path of the slug in the input */
export function noSuchProject(slug: string, path: readonly string[]): ProblemsError {
  return new ProblemsError([
    problem(path, 'NOT_FOUND', `There is no project “${slug}”.`, 'The first one is `default`.'),
  ]);
}
