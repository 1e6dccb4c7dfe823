import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import { sql } from '../database/sql.js';
import type { Query } from '../protocol/sql/query.js';
import { sessionLimits } from './sign-in/sessions.js';

/** A session as its user sees it. */
export interface SessionRow {
  readonly id: string;
  readonly userId: string;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** When the session ends if it is not used before. */
  readonly expiresAt: Date;
}

const idle = `make_interval(secs => ${sessionLimits.idleSeconds})`;
export const sessionColumns = `s.id, s.user_id AS "userId", s.user_agent AS "userAgent", s.created_at AS "createdAt",
  s.last_used_at AS "lastUsedAt", least(s.expires_at, s.last_used_at + ${idle}) AS "expiresAt"`;
/** Sessions that have not ended. */
const open = `(SELECT * FROM sign_in_sessions WHERE expires_at > now() AND last_used_at > now() - ${idle}) s`;

export function sessionsByIds(query: Query, ids: readonly string[]): Promise<SessionRow[]> {
  return query(`SELECT ${sessionColumns} FROM ${open} WHERE s.id = ANY($1::uuid[])`, [ids]);
}

export const noSessions = sql`false`;

export const sessionsOfUser: ChildList = {
  select: sessionColumns,
  from: open,
  parent: { column: 's.user_id', type: 'uuid' },
  ...newestFirst('s'),
};
