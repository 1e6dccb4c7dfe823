import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AuthenticationError, type Authenticator, type ConnectionParameters } from '../access/authenticate.js';
import type { Viewer } from '../access/viewer.js';
import type { ClientAddress } from './client-address.js';
import type { RateLimit } from './rate-limits.js';

/** Too many bad credentials came from an address; the server refuses its credentials for a while. */
export class TooManyAttemptsError extends Error {
  override readonly name = 'TooManyAttemptsError';
  readonly code = 'RATE_LIMITED';

  constructor(readonly retryAfterSeconds: number) {
    super(`Too many bad credentials came from this address. Try again in ${retryAfterSeconds} s.`);
  }
}

/**
 * Finds out who sent a request, or opens a connection with these parameters. Throws AuthenticationError,
 * TooManyAttemptsError.
 */
export type Identify = (request: IncomingMessage, parameters?: ConnectionParameters) => Promise<Viewer>;

/**
 * Counts bad credentials by the address they come from and, beyond the limit, refuses that address's credentials
 * without looking them up; a null `limit` counts nothing. A credential that worked before is looked up all the same, so
 * that nobody can shut out the people behind the same router or proxy by guessing.
 */
export function limitAttempts(
  authenticator: Pick<Authenticator, 'viewerOf'>,
  limit: { readonly attempts: RateLimit; readonly addressOf: ClientAddress } | null,
): Identify {
  const wereGood = new Recent();
  return async (request, parameters) => {
    const { headers } = request;
    const authorization = parameters?.authorization ?? headers.authorization;
    // Without a credential there is nothing to guess, and nothing to look up.
    if (limit === null || authorization === undefined) return authenticator.viewerOf(headers, parameters);
    const { attempts, addressOf } = limit;
    const address = addressOf(request);
    const digest = createHash('sha256').update(authorization).digest('base64');
    const blocked = wereGood.has(digest) ? null : attempts.blocked(address);
    if (blocked !== null) throw new TooManyAttemptsError(blocked.resetSeconds);
    try {
      const viewer = await authenticator.viewerOf(headers, parameters);
      wereGood.add(digest);
      return viewer;
    } catch (error) {
      if (error instanceof AuthenticationError) {
        wereGood.delete(digest);
        const state = await attempts.spend(address, 1);
        if (!state.allowed) throw new TooManyAttemptsError(state.resetSeconds);
      }
      throw error;
    }
  };
}

const maxKept = 10_000;

/** The texts that were added most recently. */
class Recent {
  private readonly texts = new Set<string>();

  has(text: string): boolean {
    return this.texts.has(text);
  }

  add(text: string): void {
    // Re-inserting the text makes it the newest.
    this.texts.delete(text);
    this.texts.add(text);
    const [oldest] = this.texts;
    if (this.texts.size > maxKept && oldest !== undefined) this.texts.delete(oldest);
  }

  delete(text: string): void {
    this.texts.delete(text);
  }
}
