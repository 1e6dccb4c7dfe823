import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { OperationEndedError } from '../database/operation-scope.js';
import { errorOfResources } from './error-of-resources.js';

/** Logs an error that the client must not see, under the id that the client does see. */
export type LogUnexpected = (error: unknown, errorId: string) => void;

/**
 * The error as the client sees it. Errors that this code base throws as GraphQLError are meant for the client. Any
 * other error is unexpected and may hold SQL or paths: an id replaces it, and the log has the error under that id.
 */
export function maskError(error: unknown, log: LogUnexpected): GraphQLFormattedError {
  if (error instanceof GraphQLError && isMeantForClient(error)) {
    const { stacktrace: _, ...extensions } = error.extensions;
    return { ...error.toJSON(), extensions: { code: defaultCode(error), ...extensions } };
  }
  const { path, locations } = error instanceof GraphQLError ? error.toJSON() : {};
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (cause instanceof OperationEndedError) {
    return { message: cause.message, ...place, extensions: { code: cause.code } };
  }
  const errorId = randomUUID();
  log(cause, errorId);
  const known = errorOfResources(cause);
  if (known !== null) return { message: known.message, ...place, extensions: { code: known.code, errorId } };
  return {
    message: "Something went wrong on the server. The server's log has the cause under this error id.",
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
  };
}

/** Codes of errors whose own message must not, or need not, reach the client. */
const replacedCodes: ReadonlySet<unknown> = new Set([
  'INTERNAL_SERVER_ERROR',
  'OPERATION_TIMED_OUT',
  'OPERATION_ABANDONED',
  'DISK_FULL',
  'MISSING_ARTIFACT',
]);

/** Whether maskError replaced the error, so that nothing of the original is left. */
export function isReplaced({ extensions }: GraphQLFormattedError): boolean {
  return replacedCodes.has(extensions?.code);
}

/**
 * True for errors thrown as GraphQLError, and for faults of the document or its variables: those have no path but a
 * place in the document, and may come from a scalar. An error inside the server has neither.
 */
function isMeantForClient(error: GraphQLError): boolean {
  if (error.originalError == null || error.originalError instanceof GraphQLError) return true;
  return error.path === undefined && error.locations !== undefined;
}

function defaultCode(error: GraphQLError): string {
  return error.path === undefined ? 'GRAPHQL_VALIDATION_FAILED' : 'BAD_USER_INPUT';
}
