import { serverParent } from '../access/server-parent.js';
import type { UserKind } from '../access/viewer.js';
import type { ChildList } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';

export interface UserRow {
  readonly id: string;
  readonly kind: UserKind;
  readonly name: string;
  readonly email: string | null;
  readonly administrator: boolean;
  readonly createdAt: Date;
  readonly deactivatedAt: Date | null;
}

const columns = `u.id, u.kind, u.name, u.email, u.administrator, u.created_at AS "createdAt", u.deactivated_at AS "deactivatedAt"`;

export function usersByIds(query: Query, ids: readonly string[]): Promise<UserRow[]> {
  return query(`SELECT ${columns} FROM users u WHERE u.id = ANY($1::uuid[])`, [ids]);
}

export const usersOfServer: ChildList = {
  select: columns,
  from: 'users u',
  parent: serverParent,
  sort: [
    { column: 'u.created_at', type: 'timestamptz' },
    { column: 'u.id', type: 'uuid' },
  ],
  direction: 'ASC',
};

/** Whether two users are members of one project. */
export async function shareProject(query: Query, userId: string, otherId: string): Promise<boolean> {
  const [row] = await query<{ shared: boolean }>(
    `SELECT EXISTS (SELECT FROM members a JOIN members b ON b.project_id = a.project_id
       WHERE a.user_id = $1 AND b.user_id = $2) AS shared`,
    [userId, otherId],
  );
  return row?.shared === true;
}
