import type { IncomingMessage } from 'node:http';
import { answerText, type Handler } from './handler.js';

export const maxHeaders = 100;

/**
 * Whether a request has more headers than Node passes on. Node drops the excess silently, and a dropped header may be
 * the one in which a proxy says where the request comes from: so the whole request is refused.
 */
export function hasTooManyHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.length > 2 * maxHeaders;
}

/** Middleware that answers 431 to requests with too many headers. */
export const limitHeaders: Handler = (request, response, next) => {
  if (!hasTooManyHeaders(request)) {
    next();
    return;
  }
  response.statusCode = 431;
  answerText(response, 'text/plain', `A request has at most ${maxHeaders} headers.`);
};

/**
 * Closes the connection of a request that was answered before its body arrived, unless the rest arrives soon. No other
 * time limit applies to a body that nobody reads, so a body that never comes would hold the connection.
 */
export function endLateBodies(graceMs: number): Handler {
  return (request, response, next) => {
    response.once('finish', () => {
      if (request.complete) return;
      const timer = setTimeout(() => request.socket.destroy(), graceMs);
      timer.unref();
      request.once('end', () => clearTimeout(timer));
      request.once('close', () => clearTimeout(timer));
    });
    next();
  };
}
