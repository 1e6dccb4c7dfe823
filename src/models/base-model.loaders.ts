import { SelectingLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import { type BaseModelRow, baseModelsByIds, baseModelsByRunIds, baseModelsOfProject } from './base-model.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly baseModels: ReturnType<typeof createBaseModelLoaders>;
  }
}

export function createBaseModelLoaders(query: Query) {
  return {
    byId: new SelectingLoader<BaseModelRow>(
      (ids, select) => baseModelsByIds(query, ids, select),
      (row) => row.id,
    ),
    byRunId: new SelectingLoader<BaseModelRow>(
      (ids, select) => baseModelsByRunIds(query, ids, select),
      (row) => row.producedByRunId ?? '',
    ),
    ofProject: createChildPageLoader<BaseModelRow>(query, baseModelsOfProject),
  };
}
