import DataLoader from 'dataloader';
import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  type AliasName,
  aliasesOfModel,
  aliasesOfProject,
  aliasMovesOfAlias,
  aliasMovesOfProject,
  type ModelAliasMoveRow,
  type ModelAliasRow,
  modelAliasesByIds,
  modelAliasesByNames,
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
    byName: new DataLoader<AliasName, ModelAliasRow | null, string>(
      async (names) => {
        const rows = new Map((await modelAliasesByNames(query, names)).map((row) => [keyOf(row), row]));
        return names.map((name) => rows.get(keyOf(name)) ?? null);
      },
      { cacheKeyFn: keyOf },
    ),
    ofProject: createChildPageLoader<ModelAliasRow>(query, aliasesOfProject),
    ofModel: createChildPageLoader<ModelAliasRow>(query, aliasesOfModel),
    movesOfAlias: createChildPageLoader<ModelAliasMoveRow>(query, aliasMovesOfAlias),
    movesOfProject: createChildPageLoader<ModelAliasMoveRow>(query, aliasMovesOfProject),
  };
}

function keyOf({ projectId, name }: AliasName): string {
  return `${projectId} ${name}`;
}
