import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import { type Sql, sql } from '../database/sql.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';
import type { Query } from '../protocol/sql/query.js';

export interface UploadRow {
  readonly id: string;
  readonly projectId: string;
  readonly fileName: string;
  readonly format: UploadFormat;
  readonly status: 'WAITING' | 'RECEIVED' | 'CONSUMED' | 'FAILED';
  readonly receivedBytes: number;
  readonly expectedBytes: number | null;
  readonly expectedDigest: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

// Uploads that are older than parts have the size of the whole file alone.
const columns = `u.id, u.project_id AS "projectId", u.file_name AS "fileName", u.format, u.status,
  coalesce(u.size_bytes, u.received_bytes)::float8 AS "receivedBytes",
  coalesce(u.size_bytes, u.expected_bytes)::float8 AS "expectedBytes",
  u.expected_digest AS "expectedDigest", u.created_at AS "createdAt", u.expires_at AS "expiresAt"`;

export function uploadsByIds(query: Query, ids: readonly string[]): Promise<UploadRow[]> {
  return query(`SELECT ${columns} FROM uploads u WHERE u.id = ANY($1::uuid[])`, [ids]);
}

export const uploadsOfProject: ChildList = {
  key: 'u.id',
  select: columns,
  from: 'uploads u',
  parent: { column: 'u.project_id', type: 'uuid' },
  ...newestFirst('u'),
};

/** Of `uploads u`: those of a user that a file may still be sent to, or a dataset be made of. */
export function pendingUploadsOf(userId: string): readonly Sql[] {
  return [
    sql`u.created_by = ${userId}::uuid`,
    sql`(u.status = 'RECEIVED' OR (u.status = 'WAITING' AND u.expires_at > now()))`,
  ];
}
