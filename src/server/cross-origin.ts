import cors from 'cors';
import { type Handler, vary } from './handler.js';

/** How long a browser may cache the answer to a preflight request. */
const preflightSeconds = 600;

/**
 * Lets pages of the listed origins call the API, with credentials and any header: clients and tracing libraries each
 * bring their own. Pages of other origins are refused before this handler (local-only.ts). Answers name the origin
 * itself, never a wildcard.
 */
export function crossOrigin(origins: readonly string[]): Handler {
  const allowed = new Set(origins);
  const handle = cors({
    origin: (origin, answer) => answer(null, origin !== undefined && allowed.has(origin) ? origin : false),
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Request-Id',
      ...['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy'],
      ...['Upload-Offset', 'Upload-Length', 'Upload-Defer-Length', 'Tus-Resumable'],
    ],
    maxAge: preflightSeconds,
  });
  return (request, response, next) => {
    // A cache must not answer one origin with the answer for another.
    if (allowed.size > 0) vary(response, 'Origin');
    // Only browsers say where a page is from. Without that the library has nothing to say, and takes its time for it.
    if (request.headers.origin === undefined && request.method !== 'OPTIONS') next();
    else handle(request, response, next);
  };
}
