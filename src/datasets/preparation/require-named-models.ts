import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { modelsNamedIn } from '../../protocol/preparation/named-models.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import type { Query } from '../../protocol/sql/query.js';

/**
 * The models that a recipe names must be of the project: a worker would read any whose digest it is told.
 * @throws ProblemsError NOT_FOUND, whose paths begin at `recipe`
 */
export async function requireNamedModels(query: Query, projectId: string, recipe: Recipe): Promise<void> {
  const named = modelsNamedIn(recipe);
  if (named.length === 0) return;
  const rows = await query<{ digest: string }>(
    'SELECT digest FROM base_models WHERE project_id = $1 AND digest = ANY($2::text[])',
    [projectId, named.map(({ digest }) => digest)],
  );
  const known = new Set(rows.map(({ digest }) => digest));
  const problems = named.flatMap(({ digest, path }): InputProblem[] =>
    known.has(digest) ? [] : [problem(path, 'NOT_FOUND', 'The project has no model with this digest.')],
  );
  if (problems.length > 0) throw new ProblemsError(problems);
}
