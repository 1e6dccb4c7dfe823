import type { Query } from '../../protocol/sql/query.js';
import { digestOf } from './token.js';

/** How long a person may take at the provider, second factors and forgotten passwords included. */
export const attemptMinutes = 10;

/** The part of a sign-in that is kept until the provider sends the browser back. */
export interface Attempt {
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly returnTo: string;
}

export interface Attempts {
  /** Keeps an attempt under its state, for the browser that has this cookie. */
  begin(state: string, browser: string, attempt: Attempt): Promise<void>;
  /**
   * Returns an attempt, once; null when there is none, it belongs to another browser, it has expired, or it was taken
   * before.
   */
  take(state: string, browser: string): Promise<Attempt | null>;
}

export function createAttempts(query: Query, now: () => Date): Attempts {
  return {
    async begin(state, browser, { codeVerifier, nonce, redirectUri, returnTo }) {
      const at = now();
      const expiresAt = new Date(at.getTime() + attemptMinutes * 60_000);
      await query(
        `WITH over AS (DELETE FROM sign_in_attempts WHERE expires_at < $8)
         INSERT INTO sign_in_attempts (state_digest, browser_digest, code_verifier, nonce, redirect_uri, return_to, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [digestOf(state), digestOf(browser), codeVerifier, nonce, redirectUri, returnTo, expiresAt, at],
      );
    },
    async take(state, browser) {
      const [attempt] = await query<Attempt>(
        `WITH taken AS (DELETE FROM sign_in_attempts WHERE state_digest = $1 AND browser_digest = $2 RETURNING *)
         SELECT code_verifier AS "codeVerifier", nonce, redirect_uri AS "redirectUri", return_to AS "returnTo"
         FROM taken WHERE expires_at > $3`,
        [digestOf(state), digestOf(browser), now()],
      );
      return attempt ?? null;
    },
  };
}
