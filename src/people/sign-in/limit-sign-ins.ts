import { Router } from 'express';
import type { ClientAddress } from '../../server/client-address.js';
import type { RateLimit } from '../../server/rate-limits.js';
import { signInPath } from './sign-in.router.js';

/**
 * Refuses more sign-ins from one address than people would begin. Each sign-in is a row for ten minutes, and before it
 * ends the server knows no user whom it could charge for it.
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
