import { serverParent } from '../access/server-parent.js';
import type { Credential, UserKind } from '../access/viewer.js';
import type { ChildList } from '../database/child-pages.js';
import { joinSql, type Sql, sourceText, sql, toStatement } from '../database/sql.js';
import type { TypeWithId } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';

export interface AuditRow {
  readonly position: number;
  readonly at: Date;
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly credential: Credential['kind'];
  readonly apiKeyId: string | null;
  readonly action: string;
  readonly outcome: 'DONE' | 'REFUSED';
  readonly targetType: TypeWithId | null;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly details: Readonly<Record<string, string>>;
  readonly requestId: string | null;
}

const columns = `a.id::float8 AS position, a.at, a.project_id AS "projectId", a.user_id AS "userId", a.credential, a.api_key_id AS "apiKeyId",
  a.action, a.outcome, a.target_type AS "targetType", a.target_id AS "targetId", a.target_name AS "targetName",
  a.details, a.request_id AS "requestId"`;

/** A row with the names that a reader of the exported log can't look up. */
export interface ExportedAuditRow extends AuditRow {
  /** Slug; null: the server as a whole. */
  readonly project: string | null;
  readonly userName: string | null;
  readonly userKind: UserKind | null;
  readonly apiKeyName: string | null;
}

const newestFirst: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  select: columns,
  from: 'audit_log a',
  sort: [{ column: 'a.id', type: 'bigint' }],
  direction: 'DESC',
};

export const auditOfProject: ChildList = { ...newestFirst, parent: { column: 'a.project_id', type: 'uuid' } };
export const auditOfServer: ChildList = { ...newestFirst, parent: serverParent };

/** Entries after a position, the oldest first. Null for `projectId`: of the whole server. */
export function readAuditLog(
  query: Query,
  options: {
    readonly projectId: string | null;
    readonly where: readonly Sql[];
    readonly after: number;
    readonly limit: number;
  },
): Promise<ExportedAuditRow[]> {
  const { projectId, where, after, limit } = options;
  const conditions = [
    sql`a.id > ${after}::bigint`,
    ...(projectId === null ? [] : [sql`a.project_id = ${projectId}::uuid`]),
    ...where.map((condition) => sql`(${condition})`),
  ];
  const { text, parameters } = toStatement(sql`
    SELECT ${sourceText(columns)}, p.slug AS project, u.name AS "userName", u.kind AS "userKind", k.name AS "apiKeyName"
      FROM audit_log a
      LEFT JOIN projects p ON p.id = a.project_id
      LEFT JOIN users u ON u.id = a.user_id
      LEFT JOIN api_keys k ON k.id = a.api_key_id
     WHERE ${joinSql(conditions, ' AND ')} ORDER BY a.id LIMIT ${limit}`);
  return query(text, parameters);
}
