import type { Query } from '../protocol/sql/query.js';

export interface TagCountRow {
  readonly projectId: string;
  readonly tag: string;
  readonly experimentCount: number;
}

export interface TagArgs {
  readonly first: number;
  /** Null: both archived and other experiments. */
  readonly archived: boolean | null;
}

/** The most used tags of each project, the most used first, then by their characters' codes. */
export function tagsOfProjects(
  query: Query,
  projectIds: readonly string[],
  { first, archived }: TagArgs,
): Promise<TagCountRow[]> {
  return query(
    `SELECT p.id AS "projectId", counted.tag, counted.experiments AS "experimentCount"
       FROM unnest($1::uuid[]) AS p(id)
      CROSS JOIN LATERAL (
        SELECT tag, count(*)::int AS experiments
          FROM experiments e, unnest(e.tags) AS tag
         WHERE e.project_id = p.id AND ($2::boolean IS NULL OR (e.archived_at IS NOT NULL) = $2)
         GROUP BY tag
         ORDER BY experiments DESC, tag COLLATE "C"
         LIMIT $3
      ) AS counted
      ORDER BY counted.experiments DESC, counted.tag COLLATE "C"`,
    [projectIds, archived, first],
  );
}
