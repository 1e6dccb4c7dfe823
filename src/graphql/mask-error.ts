import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { OperationEndedError } from '../database/operation-scope.js';
import { withoutSuggestions } from './without-suggestions.js';

/** Writes down what a client must not see, under the id that the client does see. */
export type LogUnexpected = (error: unknown, errorId: string) => void;

/**
 * What the client sees of an error. One that this code base threw as a GraphQLError is meant for the client; anything else that broke a
 * resolver is unexpected, may hold SQL or paths, and is replaced by an id under which the log has it.
 */
export function maskError(error: unknown, log: LogUnexpected): GraphQLFormattedError {
  if (error instanceof GraphQLError && isMeantForClient(error)) {
    const { stacktrace: _, ...extensions } = error.extensions;
    return withoutSuggestions({ ...error.toJSON(), extensions: { code: defaultCode(error), ...extensions } });
  }
  const { path, locations } = error instanceof GraphQLError ? error.toJSON() : {};
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (cause instanceof OperationEndedError) {
    return { message: cause.message, ...place, extensions: { code: cause.code } };
  }
  const errorId = randomUUID();
  log(cause, errorId);
  if (isCancelledStatement(cause)) {
    const message = 'A statement took longer than the database allows. Ask for less, in several operations.';
    return { message, ...place, extensions: { code: 'OPERATION_TIMED_OUT', errorId } };
  }
  return {
    message: 'Something went wrong on the server. Its log says what, under this error id.',
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
  };
}

/** Codes of errors whose own message must not, or need not, reach the client. */
const replacedCodes: ReadonlySet<unknown> = new Set([
  'INTERNAL_SERVER_ERROR',
  'OPERATION_TIMED_OUT',
  'OPERATION_ABANDONED',
]);

/** Whether a client sees what maskError made of an error, and nothing of the error itself. */
export function isReplaced({ extensions }: GraphQLFormattedError): boolean {
  return replacedCodes.has(extensions?.code);
}

/** PostgreSQL's query_canceled, which its statement_timeout has as well. */
function isCancelledStatement(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

/**
 * What was thrown as a GraphQLError; and faults of the document or its variables, which have no path, but a place in the document, and may
 * come from a scalar. What broke on the way, in the server itself, has neither.
 */
function isMeantForClient(error: GraphQLError): boolean {
  if (error.originalError == null || error.originalError instanceof GraphQLError) return true;
  return error.path === undefined && error.locations !== undefined;
}

function defaultCode(error: GraphQLError): string {
  return error.path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
}
