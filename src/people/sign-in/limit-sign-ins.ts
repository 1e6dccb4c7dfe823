import { Router } from 'express';
import type { ClientAddress } from '../../server/client-address.js';
import type { RateLimit } from '../../server/rate-limits.js';
import { signInPath } from './sign-in.router.js';

/**
 * Refuses to begin more sign-ins from one address than people do. Each is a row for ten minutes, and nobody is known yet who could pay for it.
 */
export function limitSignIns(limit: RateLimit, addressOf: ClientAddress): Router {
  return Router().get(signInPath, async (request, response, next) => {
    const { allowed, resetSeconds } = await limit.spend(addressOf(request), 1);
    if (allowed) {
      next();
      return;
    }
    response.status(429).set('retry-after', String(resetSeconds));
    response.type('text/plain').send(`Too many sign-ins were begun from this address. Try again in ${resetSeconds} s.`);
  });
}
