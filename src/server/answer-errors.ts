import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogUnexpected } from '../graphql/mask-error.js';
import { answerJson } from './handler.js';
import { RefusedBodyError } from './json-weight.js';

interface HttpFault {
  readonly status: number;
  readonly message: string;
  readonly code: string;
}

/**
 * Answers errors from before GraphQL: a body that is not JSON or too large, and unexpected ones. Never shows a stack
 * trace.
 */
export function answerErrors(
  logUnexpected: LogUnexpected,
): (error: unknown, request: IncomingMessage, response: ServerResponse, next?: unknown) => void {
  // Express tells a handler of errors by its four parameters.
  return (error, _request, response, _next) => {
    const fault = faultOfClient(error);
    if (fault === null) logUnexpected(error, 'http');
    // A part of the answer is sent: that it is not the whole one shows only by the end of the connection.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, message, code } = fault ?? unexpected;
    response.statusCode = status;
    answerJson(response, { errors: [{ message, extensions: { code } }] });
  };
}

const unexpected: HttpFault = {
  status: 500,
  message: 'Something went wrong on the server.',
  code: 'INTERNAL_SERVER_ERROR',
};

/** The client's fault, as the reader of bodies or Express reports it; null: the fault is not the client's. */
function faultOfClient(error: unknown): HttpFault | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const { status, message } = error;
  if (status >= 500) return null;
  // A file that no longer exists: the system's own message would reveal its path.
  if ('syscall' in error) return { status, message: 'This file no longer exists.', code: 'NOT_FOUND' };
  if (error instanceof RefusedBodyError) return { status, message, code: error.code };
  const limit = 'limit' in error ? error.limit : null;
  switch ('type' in error ? error.type : null) {
    case 'entity.parse.failed':
      return { status, message: `The body is not JSON: ${message}.`, code: 'BAD_REQUEST' };
    case 'entity.too.large':
      return { status, message: `The body is larger than ${limit} bytes.`, code: 'REQUEST_TOO_LARGE' };
    default:
      return { status, message, code: 'BAD_REQUEST' };
  }
}
