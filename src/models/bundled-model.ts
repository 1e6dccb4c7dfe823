import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';

/**
 * Refuses what the next start would undo: it registers the models that come with the product again, under their names,
 * in the project of the first start.
 * @throws ProblemsError CONFLICT at `path`
 */
export async function refuseBundled(
  query: Query,
  modelId: string,
  path: readonly string[],
  /** What stays true, as in “The model that came with the server keeps its name.” */
  stays: string,
): Promise<void> {
  const [bundled] = await query(
    `SELECT FROM base_models m JOIN projects p ON p.id = m.project_id
      WHERE m.id = $1 AND p.slug = 'default' AND m.source LIKE 'npm:%' AND m.created_by IS NULL
        AND m.produced_by_run_id IS NULL`,
    [modelId],
  );
  if (bundled === undefined) return;
  throw new ProblemsError([problem(path, 'CONFLICT', `The model that came with the server ${stays}.`)]);
}
