import { createKeyLoader } from '../database/by-key.js';
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
    byId: createKeyLoader<BaseModelRow>(
      (ids) => baseModelsByIds(query, ids),
      (row) => row.id,
    ),
    byRunId: createKeyLoader<BaseModelRow>(
      (ids) => baseModelsByRunIds(query, ids),
      (row) => row.producedByRunId ?? '',
    ),
    ofProject: createChildPageLoader<BaseModelRow>(query, baseModelsOfProject),
  };
}
