import type { IncomingHttpHeaders } from 'node:http';
import type { Query } from '../protocol/sql/query.js';
import { digestOfApiKey } from './api-key-secret.js';
import type { KnownKeys } from './known-keys.js';
import { localViewer, type Viewer } from './viewer.js';
import { usersById, viewerOfUser, viewersByKeyIds } from './viewer.reads.js';

/**
 * The request comes from nobody we know. The message tells the client why; it never repeats the credential that was
 * sent.
 */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
  readonly code = 'UNAUTHENTICATED';
}

/** Sign-ins of people, kept in the database and known by a cookie. */
export interface Sessions {
  find(
    cookieHeader: string | undefined,
  ): Promise<{ readonly sessionId: string; readonly userId: string; readonly expiresAt: Date } | null>;
  /** The ids of the sessions among `sessionIds` that have not ended. */
  stillOpen(sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What a WebSocket client sent as the payload of `connection_init`. */
export interface ConnectionParameters {
  readonly authorization: string | undefined;
}

export interface Authenticator {
  /**
   * Who sent a request. A bad credential is refused even where the operation needs none.
   * @param parameters of the connection, which replace the header for WebSocket clients that can't set headers
   * @throws AuthenticationError
   */
  viewerOf(headers: IncomingHttpHeaders, parameters?: ConnectionParameters): Promise<Viewer>;
  /** The same viewers with their present rights; null for a viewer whose credential is no longer valid. */
  again(viewers: readonly Viewer[]): Promise<readonly (Viewer | null)[]>;
}

export function createAuthenticator(options: {
  readonly query: Query;
  readonly keys: Pick<KnownKeys, 'viewerOf'>;
  /** Whether a request without a credential comes from the server's own machine. */
  readonly isLocal: (headers: IncomingHttpHeaders) => boolean;
  /** Null: this server has no sign-in. */
  readonly sessions: Sessions | null;
}): Authenticator {
  const { query, keys, isLocal, sessions } = options;
  return {
    async viewerOf(headers, parameters) {
      const authorization = parameters?.authorization ?? headers.authorization;
      if (authorization !== undefined) {
        const secret = secretIn(authorization);
        const digest = secret === null ? null : digestOfApiKey(secret);
        if (digest === null) {
          const place =
            parameters?.authorization === undefined ? 'The Authorization header' : '`authorization` of connection_init';
          throw new AuthenticationError(`${place} holds no API key: send \`Bearer attune_…\`.`);
        }
        const viewer = await keys.viewerOf(digest);
        if (viewer === null) throw new AuthenticationError('The API key is unknown, has expired, or was revoked.');
        return viewer;
      }
      const session = (await sessions?.find(headers.cookie)) ?? null;
      if (session !== null) {
        const { sessionId: id, userId, expiresAt } = session;
        const viewer = await viewerOfUser(query, userId, { kind: 'SESSION', id, expiresAt });
        if (viewer !== null) return viewer;
      }
      if (isLocal(headers)) return localViewer;
      const key =
        parameters === undefined
          ? '`Authorization: Bearer attune_…`'
          : '`{ "authorization": "Bearer attune_…" }` in the payload of connection_init';
      throw new AuthenticationError(
        sessions === null
          ? `This needs an API key: send it as ${key}.`
          : `This needs an API key (${key}), or a sign-in at /auth/sign-in.`,
      );
    },

    async again(viewers) {
      const keyIds = idsOf(viewers, 'API_KEY');
      const sessionIds = idsOf(viewers, 'SESSION');
      const byKey = keyIds.length === 0 ? new Map<string, Viewer>() : await viewersByKeyIds(query, keyIds);
      const open = sessionIds.length === 0 ? new Set<string>() : await sessions?.stillOpen(sessionIds);
      const signedIn = viewers.filter(({ credential }) =>
        open?.has(credential.kind === 'SESSION' ? credential.id : ''),
      );
      const userIds = [...new Set(signedIn.map(({ userId }) => userId))];
      const byUser = userIds.length === 0 ? null : await usersById(query, userIds);
      return viewers.map((viewer) => {
        const { credential, userId } = viewer;
        switch (credential.kind) {
          case 'LOCAL':
            return viewer;
          case 'API_KEY':
            return byKey.get(credential.id) ?? null;
          case 'SESSION':
            return open?.has(credential.id) === true ? (byUser?.get(userId)?.(credential) ?? null) : null;
          default:
            return credential satisfies never;
        }
      });
    },
  };
}

function idsOf(viewers: readonly Viewer[], kind: 'API_KEY' | 'SESSION'): string[] {
  return [...new Set(viewers.flatMap(({ credential }) => (credential.kind === kind ? [credential.id] : [])))];
}

/** The key in `Bearer <key>`, or the password in `Basic` (browsers and curl ask a person for it); null: neither. */
function secretIn(authorization: string): string | null {
  const [, scheme, value] = /^(bearer|basic) +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const decoded = Buffer.from(value, 'base64').toString();
  const colon = decoded.indexOf(':');
  return colon === -1 ? null : decoded.slice(colon + 1);
}
