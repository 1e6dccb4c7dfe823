import type { Scope } from '../access/rights.js';
import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import { type Sql, sql } from '../database/sql.js';
import type { Query } from '../protocol/sql/query.js';

export interface ApiKeyRow {
  readonly id: string;
  readonly userId: string;
  readonly projectId: string | null;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly Scope[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

const columns = `k.id, k.user_id AS "userId", k.project_id AS "projectId", k.name, k.hint, k.scopes, k.created_by AS "createdBy",
  k.created_at AS "createdAt", k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt"`;

export function apiKeysByIds(query: Query, ids: readonly string[]): Promise<ApiKeyRow[]> {
  return query(`SELECT ${columns} FROM api_keys k WHERE k.id = ANY($1::uuid[])`, [ids]);
}

const apiKeys: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  select: columns,
  from: 'api_keys k',
  ...newestFirst('k'),
};

export function opensOnly(projectId: string): Sql {
  return sql`k.project_id = ${projectId}`;
}

export const apiKeysOfUser: ChildList = { ...apiKeys, parent: { column: 'k.user_id', type: 'uuid' } };
export const apiKeysOfProject: ChildList = { ...apiKeys, parent: { column: 'k.project_id', type: 'uuid' } };
