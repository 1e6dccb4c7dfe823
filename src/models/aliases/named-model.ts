import { ProblemsError, problem } from '../../problems/problem.js';
import { requireProject } from '../../projects/require-project.js';
import type { Query } from '../../protocol/sql/query.js';
import type { BaseModelRow } from '../base-model.reads.js';
import { baseModelsByIds } from '../base-model.reads.js';
import { requireBaseModel } from '../require-base-model.js';
import { modelAliasesByNames } from './model-alias.reads.js';

/** How an input names a model: by its id, or by an alias in a project. */
export interface NamesModel {
  readonly modelId?: string | null;
  readonly alias?: string | null;
  /** Of the alias's project. */
  readonly projectSlug?: string | null;
}

/** The model that the input names. Throws ProblemsError. */
export async function requireNamedModel(query: Query, input: NamesModel): Promise<BaseModelRow> {
  const { modelId, alias, projectSlug } = input;
  if (modelId != null && alias != null) {
    throw new ProblemsError([problem(['alias'], 'INVALID_VALUE', 'Give either `modelId` or `alias`, not both.')]);
  }
  if (modelId != null) return requireBaseModel(query, modelId, null, ['modelId']);
  if (alias == null) {
    throw new ProblemsError([problem(['modelId'], 'REQUIRED', 'Give `modelId`, or the `alias` of a model.')]);
  }
  const project = await requireProject(query, projectSlug ?? '');
  const [found] = await modelAliasesByNames(query, [{ projectId: project.id, name: alias }]);
  const [model] = found === undefined ? [] : await baseModelsByIds(query, [found.modelId]);
  if (model !== undefined) return model;
  const hint = 'setModelAlias sets one; `project { modelAliases { nodes { name } } }` lists those that there are.';
  throw new ProblemsError([problem(['alias'], 'NOT_FOUND', `The project has no alias “${alias}”.`, hint)]);
}
