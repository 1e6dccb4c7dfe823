import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** Writes down what a client must not see, under the id that the client does see. */
export type LogUnexpected = (error: unknown, errorId: string) => void;

/**
 * What the client sees of an error. One that this code base threw as a GraphQLError is meant for the client; anything else that broke a
 * resolver is unexpected, may hold SQL or paths, and is replaced by an id under which the log has it.
 */
export function maskError(error: unknown, log: LogUnexpected): GraphQLFormattedError {
  if (error instanceof GraphQLError && isMeantForClient(error)) {
    const { stacktrace: _, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions: { code: defaultCode(error), ...extensions } };
  }
  const errorId = randomUUID();
  log(error instanceof GraphQLError ? (error.originalError ?? error) : error, errorId);
  const { path, locations } = error instanceof GraphQLError ? error.toJSON() : {};
  return {
    message: 'Something went wrong on the server. Its log says what, under this error id.',
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
  };
}

/** Errors of parsing, validation and variables have no path; those of resolvers have. */
function isMeantForClient(error: GraphQLError): boolean {
  return error.path === undefined || error.originalError == null || error.originalError instanceof GraphQLError;
}

function defaultCode(error: GraphQLError): string {
  return error.path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
}
