import { serverParent } from '../access/server-parent.js';
import type { ChildList } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import type { Query } from '../protocol/sql/query.js';

export interface ProjectRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: Date;
}

const columns = 'p.id, p.slug, p.name, p.created_at AS "createdAt"';

export function projectsByIds(query: Query, ids: readonly string[]): Promise<ProjectRow[]> {
  return query(`SELECT ${columns} FROM projects p WHERE p.id = ANY($1::uuid[])`, [ids]);
}

export function projectsBySlugs(query: Query, slugs: readonly string[]): Promise<ProjectRow[]> {
  return query(`SELECT ${columns} FROM projects p WHERE p.slug = ANY($1)`, [slugs]);
}

export async function projectBySlug(query: Query, slug: string): Promise<ProjectRow | null> {
  return (await projectsBySlugs(query, [slug]))[0] ?? null;
}

export const projectsOfServer: ChildList = {
  select: columns,
  from: 'projects p',
  parent: serverParent,
  sort: [
    // The C collation suffices: slugs are ASCII and unique.
    { column: '(p.slug COLLATE "C")', type: 'text' },
  ],
  direction: 'ASC',
};

export function projectsAmong(ids: readonly string[]): Sql {
  return sql`p.id = ANY(${ids}::uuid[])`;
}
