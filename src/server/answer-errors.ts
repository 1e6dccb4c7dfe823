import type { ErrorRequestHandler } from 'express';
import type { LogUnexpected } from '../graphql/mask-error.js';

interface HttpFault {
  readonly status: number;
  readonly message: string;
  readonly code: string;
}

/** Bodies that are no JSON or too large, and what else goes wrong before GraphQL. Never a stack trace. */
export function answerErrors(logUnexpected: LogUnexpected): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const fault = faultOfClient(error);
    if (fault === null) logUnexpected(error, 'http');
    const { status, message, code } = fault ?? unexpected;
    response.status(status).json({ errors: [{ message, extensions: { code } }] });
  };
}

const unexpected: HttpFault = {
  status: 500,
  message: 'Something went wrong on the server.',
  code: 'INTERNAL_SERVER_ERROR',
};

/** What body-parser and Express refuse; null: it was not the client's fault. */
function faultOfClient(error: unknown): HttpFault | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  const { status, message } = error;
  if (status >= 500) return null;
  // A file that is gone: the system's words name its path.
  if ('syscall' in error) return { status, message: 'There is no such file any more.', code: 'NOT_FOUND' };
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
