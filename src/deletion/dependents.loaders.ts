import { createChildPageLoader } from '../database/child-pages.js';
import type { ObjectRow } from '../graphql/object-kinds.js';
import type { Query } from '../protocol/sql/query.js';
import { usersOfDataset, usersOfObject } from './lineage.js';

declare module '../access/context.js' {
  interface Loaders {
    /** What uses an object. */
    readonly dependents: ReturnType<typeof createDependentLoaders>;
  }
}

export function createDependentLoaders(query: Query) {
  return {
    ofObject: createChildPageLoader<ObjectRow>(query, usersOfObject),
    ofDataset: createChildPageLoader<ObjectRow>(query, usersOfDataset),
  };
}
