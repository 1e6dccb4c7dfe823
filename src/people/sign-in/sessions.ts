import { randomUUID } from 'node:crypto';
import { currentScope } from '../../database/operation-scope.js';
import type { Query } from '../../protocol/sql/query.js';
import type { Cookie } from './cookies.js';
import { digestOf, randomToken, seal, unseal } from './token.js';

/** An unused session ends after a working day, a used one after a week. */
export const sessionLimits = { idleSeconds: 8 * 3600, maxSeconds: 7 * 86_400 };
/** The last use of a session is written at most this often. */
const touchSeconds = 60;
const maxUserAgentLength = 200;
/** The ID token travels in a URL at sign-out, and some servers refuse longer URLs. */
const maxIdTokenLength = 6000;

interface SignedIn {
  readonly sessionId: string;
  readonly userId: string;
  /** When the session ends if it is not used before. */
  readonly expiresAt: Date;
}

export interface Sessions {
  /** The open session that a request's Cookie header names; null: none. Counts as a use of the session. */
  find(cookieHeader: string | undefined): Promise<SignedIn | null>;
  /** The ids of the sessions among `sessionIds` that have not ended. Does not count as a use. */
  stillOpen(sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Begins a session, ends the session that the same browser had, and returns the Set-Cookie header. */
  begin(
    userId: string,
    from: { cookieHeader: string | undefined; userAgent: string; idToken: string },
  ): Promise<string>;
  /**
   * Ends the session that a Cookie header names. `idToken`: the ID token that the session began with; null when it was
   * not kept or there is no session.
   */
  end(cookieHeader: string | undefined): Promise<{ setCookie: string; idToken: string | null }>;
}

/**
 * Sessions of people who signed in, stored in the database: every API process knows them, and a session ends everywhere
 * at once. The cookie holds a random token; the database holds only its hash.
 */
export function createSessions(options: {
  readonly query: Query;
  readonly cookie: Cookie;
  readonly now: () => Date;
}): Sessions {
  const { query, cookie, now } = options;
  const ago = (from: Date, seconds: number): Date => new Date(from.getTime() - seconds * 1000);
  const idle = `make_interval(secs => ${sessionLimits.idleSeconds})`;
  // $1 is the present time.
  const isOpen = `(s.expires_at > $1 AND s.last_used_at > $1::timestamptz - ${idle})`;

  return {
    async find(cookieHeader) {
      const token = cookie.read(cookieHeader);
      if (token === null) return null;
      const at = now();
      // A single statement, which writes only when the last recorded use is older than a minute.
      const [found] = await query<SignedIn>(
        `WITH found AS (
           SELECT s.id, s.user_id, s.last_used_at, s.expires_at FROM sign_in_sessions s WHERE s.digest = $2 AND ${isOpen}
         ), touched AS (
           UPDATE sign_in_sessions s SET last_used_at = $1 FROM found f
           WHERE s.id = f.id AND s.last_used_at <= $3 RETURNING s.id
         )
         SELECT f.id AS "sessionId", f.user_id AS "userId",
           least(f.expires_at, ${idle} + CASE WHEN f.last_used_at <= $3 THEN $1 ELSE f.last_used_at END) AS "expiresAt"
         FROM found f`,
        [at, digestOf(token), ago(at, touchSeconds)],
      );
      return found ?? null;
    },

    async stillOpen(sessionIds) {
      const open = await query<{ id: string }>(
        `SELECT s.id FROM sign_in_sessions s WHERE s.id = ANY($2::uuid[]) AND ${isOpen}`,
        [now(), sessionIds],
      );
      return new Set(open.map(({ id }) => id));
    },

    async begin(userId, { cookieHeader, userAgent, idToken }) {
      const at = now();
      const token = randomToken();
      const before = cookie.read(cookieHeader);
      await query(
        `WITH over AS (
           DELETE FROM sign_in_sessions s WHERE NOT ${isOpen} OR s.digest = $8
         ), logged AS (
           INSERT INTO audit_log (user_id, credential, action, outcome, target_type, target_id, request_id)
           VALUES ($3, 'SESSION', 'signIn', 'DONE', 'Session', $2, $9)
         )
         INSERT INTO sign_in_sessions (id, user_id, digest, sealed_id_token, user_agent, created_at, last_used_at, expires_at)
         VALUES ($2, $3, $4, $5, $6, $1, $1, $7)`,
        [
          at,
          randomUUID(),
          userId,
          digestOf(token),
          idToken.length > maxIdTokenLength ? null : seal(idToken, token),
          userAgent.slice(0, maxUserAgentLength),
          ago(at, -sessionLimits.maxSeconds),
          before === null ? null : digestOf(before),
          currentScope()?.request?.id ?? null,
        ],
      );
      return cookie.set(token, sessionLimits.maxSeconds);
    },

    async end(cookieHeader) {
      const setCookie = cookie.clear();
      const token = cookie.read(cookieHeader);
      if (token === null) return { setCookie, idToken: null };
      const [ended] = await query<{ sealed: Buffer | null }>(
        `WITH ended AS (
           DELETE FROM sign_in_sessions WHERE digest = $1 RETURNING id, user_id, sealed_id_token
         ), logged AS (
           INSERT INTO audit_log (user_id, credential, action, outcome, target_type, target_id, request_id)
           SELECT user_id, 'SESSION', 'signOut', 'DONE', 'Session', id, $2 FROM ended
         )
         SELECT sealed_id_token AS sealed FROM ended`,
        [digestOf(token), currentScope()?.request?.id ?? null],
      );
      const sealed = ended?.sealed ?? null;
      return { setCookie, idToken: sealed === null ? null : unseal(sealed, token) };
    },
  };
}
