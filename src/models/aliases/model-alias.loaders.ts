import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  aliasesOfModel,
  aliasesOfProject,
  aliasMovesOfAlias,
  aliasMovesOfProject,
  type ModelAliasMoveRow,
  type ModelAliasRow,
  modelAliasesByIds,
} from './model-alias.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    readonly modelAliases: ReturnType<typeof createModelAliasLoaders>;
  }
}

export function createModelAliasLoaders(query: Query) {
  return {
    byId: createKeyLoader<ModelAliasRow>(
      (ids) => modelAliasesByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<ModelAliasRow>(query, aliasesOfProject),
    ofModel: createChildPageLoader<ModelAliasRow>(query, aliasesOfModel),
    movesOfAlias: createChildPageLoader<ModelAliasMoveRow>(query, aliasMovesOfAlias),
    movesOfProject: createChildPageLoader<ModelAliasMoveRow>(query, aliasMovesOfProject),
  };
}
