import { rowId } from '../graphql/global-id.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { type BaseModelRow, baseModelsByIds } from './base-model.reads.js';

/**
 * Returns the base model with this global id, which must be in the project unless `projectId` is null. Throws
 * ProblemsError NOT_FOUND at `path`.
 */
export async function requireBaseModel(
  query: Query,
  id: string,
  projectId: string | null,
  path: readonly string[],
): Promise<BaseModelRow> {
  const [model] = await baseModelsByIds(query, [rowId('BaseModel', id, path)]);
  if (model !== undefined && (projectId === null || model.projectId === projectId)) return model;
  throw new ProblemsError([problem(path, 'NOT_FOUND', 'There is no base model with this id in the project.')]);
}
