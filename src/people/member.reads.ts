import type { Role } from '../access/rights.js';
import type { UserKind } from '../access/viewer.js';
import type { ChildList } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import type { Query } from '../protocol/sql/query.js';

export interface MemberRow {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly email: string | null;
  readonly role: Role;
  readonly createdAt: Date;
}

const columns =
  'm.id, m.project_id AS "projectId", m.user_id AS "userId", u.email, m.role, m.created_at AS "createdAt"';
const from = 'members m JOIN users u ON u.id = m.user_id';

export const membersOfProject: ChildList = {
  select: columns,
  from,
  parent: { column: 'm.project_id', type: 'uuid' },
  sort: [
    { column: 'm.created_at', type: 'timestamptz' },
    { column: 'm.user_id', type: 'uuid' },
  ],
  direction: 'ASC',
};

export function membersByIds(query: Query, ids: readonly string[]): Promise<MemberRow[]> {
  return query(`SELECT ${columns} FROM ${from} WHERE m.id = ANY($1::uuid[])`, [ids]);
}

export async function memberOf(query: Query, projectId: string, userId: string): Promise<MemberRow | null> {
  const rows = await query<MemberRow>(`SELECT ${columns} FROM ${from} WHERE m.project_id = $1 AND m.user_id = $2`, [
    projectId,
    userId,
  ]);
  return rows[0] ?? null;
}

export function isOfKind(kind: UserKind): Sql {
  return sql`u.kind = ${kind}`;
}
