import type { ChildList } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import type { Query } from '../protocol/sql/query.js';
import { ProjectEvent, type StoredProjectEvent } from './project-event.js';

export interface ProjectEventRow {
  readonly projectId: string;
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly payload: object;
}

const columns = 'v.project_id AS "projectId", v.seq::float8 AS seq, v.at, v.kind, v.payload';

/** One page of a project's log, in order of seq, starting after `afterSeq`. */
export async function readProjectEvents(
  query: Query,
  projectId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredProjectEvent[]> {
  const rows = await query<ProjectEventRow>(
    `SELECT ${columns} FROM project_events v WHERE v.project_id = $1 AND v.seq > $2 ORDER BY v.seq LIMIT $3`,
    [projectId, afterSeq, limit],
  );
  return rows.map(toStoredProjectEvent);
}

export interface ProjectLogEnd {
  readonly projectId: string;
  /** The seq of the newest event; 0 before the first. */
  readonly lastSeq: number;
}

const endColumns = 'id AS "projectId", last_event_seq::float8 AS "lastSeq"';

/** The ends of projects' logs. One statement for any number of projects. */
export function readProjectLogEnds(query: Query, projectIds: readonly string[]): Promise<readonly ProjectLogEnd[]> {
  return query(`SELECT ${endColumns} FROM projects WHERE id = ANY($1::uuid[])`, [projectIds]);
}

/** Null when no project has this slug. */
export async function readProjectLogEnd(query: Query, slug: string): Promise<ProjectLogEnd | null> {
  const [end] = await query<ProjectLogEnd>(`SELECT ${endColumns} FROM projects WHERE slug = $1`, [slug]);
  return end ?? null;
}

export const eventsOfProject: ChildList = {
  select: columns,
  from: 'project_events v',
  parent: { column: 'v.project_id', type: 'uuid' },
  sort: [{ column: 'v.seq', type: 'int' }],
  direction: 'ASC',
};

export function isOfKinds(kinds: readonly string[]): Sql {
  return sql`v.kind = ANY(${kinds}::text[])`;
}

export function toStoredProjectEvent({ projectId, seq, at, kind, payload }: ProjectEventRow): StoredProjectEvent {
  return { projectId, seq, at, event: ProjectEvent.parse({ kind, ...payload }) };
}
