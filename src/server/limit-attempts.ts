import type { IncomingMessage } from 'node:http';
import { AuthenticationError, type Authenticator } from '../access/authenticate.js';
import type { Viewer } from '../access/viewer.js';
import type { ClientAddress } from './client-address.js';
import type { RateLimit } from './rate-limits.js';

/** Too many bad credentials came from an address: none of its requests is looked at for a while. */
export class TooManyAttemptsError extends Error {
  override readonly name = 'TooManyAttemptsError';
  readonly code = 'RATE_LIMITED';

  constructor(readonly retryAfterSeconds: number) {
    super(`Too many bad credentials came from this address. Try again in ${retryAfterSeconds} s.`);
  }
}

/** Who sent a request. `authorization` in place of the header. Throws AuthenticationError, TooManyAttemptsError. */
export type Identify = (request: IncomingMessage, authorization?: string) => Promise<Viewer>;

/** Counts credentials that are no good by the address they come from, and stops looking them up beyond a limit; null: no limit. */
export function limitAttempts(
  authenticator: Pick<Authenticator, 'viewerOf'>,
  limit: { readonly attempts: RateLimit; readonly addressOf: ClientAddress } | null,
): Identify {
  return async (request, authorization = request.headers.authorization) => {
    const { headers } = request;
    // Without a credential there is nothing to try, and nothing to look up.
    if (limit === null || authorization === undefined) return authenticator.viewerOf(headers, authorization);
    const { attempts, addressOf } = limit;
    const address = addressOf(request);
    const blocked = attempts.blocked(address);
    if (blocked !== null) throw new TooManyAttemptsError(blocked.resetSeconds);
    try {
      return await authenticator.viewerOf(headers, authorization);
    } catch (error) {
      if (error instanceof AuthenticationError) {
        const state = await attempts.spend(address, 1);
        if (!state.allowed) throw new TooManyAttemptsError(state.resetSeconds);
      }
      throw error;
    }
  };
}
