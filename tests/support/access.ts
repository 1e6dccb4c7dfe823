import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { newApiKeySecret } from '../../src/access/api-key-secret.js';
import { type Role, type Scope, scopes } from '../../src/access/rights.js';
import { globalId } from '../../src/graphql/global-id.js';

/** Users, members and keys, inserted directly as rows. */

export async function insertProject(dataSource: DataSource, slug: string): Promise<string> {
  const id = randomUUID();
  await dataSource.query('INSERT INTO projects (id, slug, name) VALUES ($1, $2, $2)', [id, slug]);
  return id;
}

export async function insertUser(
  dataSource: DataSource,
  name: string,
  options: { readonly administrator?: boolean; readonly roles?: Readonly<Record<string, Role>> } = {},
): Promise<string> {
  const id = randomUUID();
  await dataSource.query('INSERT INTO users (id, name, email, administrator) VALUES ($1, $2, $3, $4)', [
    id,
    name,
    `${name}@example.org`,
    options.administrator ?? false,
  ]);
  for (const [projectId, role] of Object.entries(options.roles ?? {})) {
    await dataSource.query('INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, $3)', [
      projectId,
      id,
      role,
    ]);
  }
  return id;
}

/** A new user who is a member of a project. Returns the member's row id. */
export async function insertMember(dataSource: DataSource, projectId: string): Promise<string> {
  const userId = await insertUser(dataSource, `member ${randomUUID()}`, { roles: { [projectId]: 'VIEWER' } });
  const [{ id }] = await dataSource.query('SELECT id FROM members WHERE user_id = $1', [userId]);
  return id;
}

export interface TestKey {
  readonly id: string;
  readonly secret: string;
}

export async function insertKey(
  dataSource: DataSource,
  userId: string,
  options: {
    readonly scopes?: readonly Scope[];
    readonly projectId?: string;
    /** Seconds from now; negative: the key has expired. */
    readonly expiresInSeconds?: number;
  } = {},
): Promise<TestKey> {
  const id = randomUUID();
  const { secret, digest, hint } = newApiKeySecret();
  await dataSource.query(
    `INSERT INTO api_keys (id, user_id, project_id, name, digest, hint, scopes, created_by, expires_at)
     VALUES ($1, $2, $3, 'test', $4, $5, $6, $2, now() + make_interval(secs => $7))`,
    [id, userId, options.projectId ?? null, digest, hint, options.scopes ?? scopes, options.expiresInSeconds ?? null],
  );
  return { id, secret };
}

/** A session without a browser. */
export async function insertSession(dataSource: DataSource, userId: string): Promise<string> {
  const id = randomUUID();
  await dataSource.query(
    `INSERT INTO sign_in_sessions (id, user_id, digest, user_agent, created_at, last_used_at, expires_at)
     VALUES ($1, $2, encode(sha256($3::bytea), 'hex'), 'Browser/1.0', now(), now(), now() + interval '7 days')`,
    [id, userId, id],
  );
  return id;
}

export const accessIds = {
  user: (uuid: string) => globalId('User', uuid),
  apiKey: (uuid: string) => globalId('ApiKey', uuid),
  project: (uuid: string) => globalId('Project', uuid),
};
