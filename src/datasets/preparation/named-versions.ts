import { rowId } from '../../graphql/global-id.js';
import { ProblemsError, problem } from '../../problems/problem.js';
import { together } from '../../problems/together.js';
import { type NamedVersion, versionsNamedIn } from '../../protocol/preparation/named-versions.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import type { Query } from '../../protocol/sql/query.js';
import { readVersion } from './row-sources.js';

/**
 * The dataset versions of the project that a recipe names.
 * @throws ProblemsError NOT_FOUND, INVALID_VALUE, whose paths begin at `recipe`
 */
export async function toNamedVersions(
  query: Query,
  projectId: string,
  recipe: Recipe,
): Promise<readonly NamedVersion[]> {
  return together(
    versionsNamedIn(recipe).map(async ({ datasetVersionId, path }) => {
      const version = await readVersion(query, projectId, rowId('DatasetVersion', datasetVersionId, path));
      if (version !== null) return { datasetVersionId, digest: version.digest };
      throw new ProblemsError([problem(path, 'NOT_FOUND', 'The project has no dataset version with this id.')]);
    }),
  );
}
