import { baseModelsByDigests } from '../../models/base-model.reads.js';
import { deniedModel } from '../../models/licences/licence-of-model.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { licencePolicyOf } from '../../projects/licences/licence-policy.reads.js';
import { judgeLicence } from '../../protocol/licences/judge-licence.js';
import { modelsNamedIn } from '../../protocol/preparation/named-models.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import type { Query } from '../../protocol/sql/query.js';

/**
 * The models that a recipe names must be of the project, since a worker would read any whose digest it is told, and
 * the project must take their licences, as of the models that experiments start from.
 * @throws ProblemsError NOT_FOUND or LICENCE_DENIED, whose paths begin at `recipe`
 */
export async function requireNamedModels(query: Query, projectId: string, recipe: Recipe): Promise<void> {
  const named = modelsNamedIn(recipe);
  if (named.length === 0) return;
  const digests = named.map(({ digest }) => digest);
  const [models, policy] = await Promise.all([
    baseModelsByDigests(query, projectId, digests),
    licencePolicyOf(query, projectId),
  ]);
  const problems = named.flatMap(({ digest, path }): InputProblem[] => {
    // Several models of a project may have the same files.
    const judged = models
      .filter((model) => model.digest === digest)
      .map(({ name, licence }) => ({ name, verdict: judgeLicence(licence, policy) }));
    if (judged.some(({ verdict }) => verdict.decision !== 'DENY')) return [];
    const [denied] = judged;
    if (denied === undefined) return [problem(path, 'NOT_FOUND', 'The project has no model with this digest.')];
    return [deniedModel(denied.name, denied.verdict, path)];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}
