import type { Query } from '../protocol/sql/query.js';

export interface ProjectRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: Date;
}

const columns = 'id, slug, name, created_at AS "createdAt"';

export function projectsByIds(query: Query, ids: readonly string[]): Promise<ProjectRow[]> {
  return query(`SELECT ${columns} FROM projects WHERE id = ANY($1::uuid[])`, [ids]);
}

export async function projectBySlug(query: Query, slug: string): Promise<ProjectRow | null> {
  const rows: ProjectRow[] = await query(`SELECT ${columns} FROM projects WHERE slug = $1`, [slug]);
  return rows[0] ?? null;
}
