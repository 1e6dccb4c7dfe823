import type { Query } from '../protocol/sql/query.js';
import type { Role, Scope } from './rights.js';
import type { Credential, UserKind, Viewer } from './viewer.js';

interface UserColumns {
  readonly userId: string;
  readonly kind: UserKind;
  readonly name: string;
  readonly email: string | null;
  readonly administrator: boolean;
  readonly roles: Readonly<Record<string, Role>> | null;
}

interface KeyColumns extends UserColumns {
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly projectId: string | null;
  readonly expiresAt: Date | null;
  readonly unused: boolean;
}

const userColumns = `u.id AS "userId", u.kind, u.name, u.email, u.administrator,
  (SELECT jsonb_object_agg(m.project_id, m.role) FROM members m WHERE m.user_id = u.id) AS roles`;

const openKeys = `SELECT ${userColumns}, k.id, k.scopes, k.project_id AS "projectId", k.expires_at AS "expiresAt",
    k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS unused
  FROM api_keys k JOIN users u ON u.id = k.user_id
  WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND u.deactivated_at IS NULL`;

/** The viewer whose key has this digest; null: the key is unknown, expired or revoked, or its user was deactivated. */
export async function viewerByKeyDigest(query: Query, digest: string): Promise<Viewer | null> {
  const [row] = await query<KeyColumns>(`${openKeys} AND k.digest = $1`, [digest]);
  if (row === undefined) return null;
  if (row.unused) await query('UPDATE api_keys SET last_used_at = now() WHERE id = $1', [row.id]);
  return viewerOfKey(row);
}

/** Viewers by the ids of their keys; keys that are no longer valid are left out. */
export async function viewersByKeyIds(query: Query, ids: readonly string[]): Promise<ReadonlyMap<string, Viewer>> {
  const rows = await query<KeyColumns>(`${openKeys} AND k.id = ANY($1::uuid[])`, [ids]);
  return new Map(rows.map((row) => [row.id, viewerOfKey(row)]));
}

/** The viewer for a user who has signed in; null: the user was deactivated. */
export async function viewerOfUser(query: Query, userId: string, credential: Credential): Promise<Viewer | null> {
  return (await usersById(query, [userId])).get(userId)?.(credential) ?? null;
}

/** Users who were not deactivated, each as the viewer with a credential. One statement for any number of users. */
export async function usersById(
  query: Query,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, (credential: Credential) => Viewer>> {
  const rows = await query<UserColumns>(
    `SELECT ${userColumns} FROM users u WHERE u.id = ANY($1::uuid[]) AND u.deactivated_at IS NULL`,
    [userIds],
  );
  return new Map(rows.map((row) => [row.userId, (credential: Credential) => toViewer(row, credential)]));
}

function viewerOfKey({ id, scopes, projectId, expiresAt, ...user }: KeyColumns): Viewer {
  return toViewer(user, { kind: 'API_KEY', id, scopes, projectId, expiresAt });
}

function toViewer({ userId, kind, name, email, administrator, roles }: UserColumns, credential: Credential): Viewer {
  return { userId, kind, name, email, administrator, roles: new Map(Object.entries(roles ?? {})), credential };
}
