import type { Handler } from './handler.js';

/**
 * Lets Apollo answer a GET that no page of another site could have sent, and that lacks the header which Apollo asks
 * for as a proof: the browser names the page's origin, which was checked before (local-only.ts), or says that it is
 * this server's own. Pages can set neither header.
 */
export const ownPagesMayGet: Handler = (request, _response, next) => {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (request.method === 'GET' && (origin !== undefined || site === 'same-origin')) {
    request.headers['apollo-require-preflight'] ??= 'checked';
  }
  next();
};
