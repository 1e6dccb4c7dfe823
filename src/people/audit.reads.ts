import { serverParent } from '../access/server-parent.js';
import type { Credential } from '../access/viewer.js';
import type { ChildList } from '../database/child-pages.js';
import type { TypeWithId } from '../graphql/global-id.js';

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
  readonly details: Readonly<Record<string, string>>;
}

const newestFirst: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  select: `a.id::float8 AS position, a.at, a.project_id AS "projectId", a.user_id AS "userId", a.credential, a.api_key_id AS "apiKeyId",
    a.action, a.outcome, a.target_type AS "targetType", a.target_id AS "targetId", a.details`,
  from: 'audit_log a',
  sort: [{ column: 'a.id', type: 'bigint' }],
  direction: 'DESC',
};

export const auditOfProject: ChildList = { ...newestFirst, parent: { column: 'a.project_id', type: 'uuid' } };
export const auditOfServer: ChildList = { ...newestFirst, parent: serverParent };
