import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';

export const maxHeaders = 100;

/**
 * Whether a request has more headers than are looked at. Node leaves out those beyond its limit without a word, and one of them may be what a
 * proxy says of where the request is from: so it is refused as a whole.
 */
export function hasTooManyHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.length > 2 * maxHeaders;
}

/** Middleware that answers 431 to what has too many headers. */
export const limitHeaders: RequestHandler = (request, response, next) => {
  if (!hasTooManyHeaders(request)) next();
  else response.status(431).type('text/plain').send(`A request has at most ${maxHeaders} headers.`);
};

/**
 * Closes the connection of a request that was answered before its body had arrived, unless the rest comes soon. Nobody reads it, so no other
 * limit of time holds for it, and a connection could be held by a body that never comes.
 */
export function endLateBodies(graceMs: number): RequestHandler {
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
