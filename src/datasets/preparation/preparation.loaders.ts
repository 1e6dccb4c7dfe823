import DataLoader from 'dataloader';
import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';
import {
  type PreparationRow,
  preparationsByIds,
  preparationsOfProject,
  sourcesOfVersions,
  type VersionSourceRow,
} from './preparation.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    readonly preparations: ReturnType<typeof createPreparationLoaders>;
  }
  interface LiveFeeds {
    /** A preparation as it is now, then after each change, until it has ended. */
    preparation(preparationId: string): AsyncIterable<PreparationRow>;
  }
}

export function createPreparationLoaders(query: Query) {
  return {
    byId: createKeyLoader<PreparationRow>(
      (ids) => preparationsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<PreparationRow>(query, preparationsOfProject),
    sourcesOfVersion: new DataLoader<string, readonly VersionSourceRow[]>(async (ids) => {
      const rows = await sourcesOfVersions(query, ids);
      return ids.map((id) => rows.filter(({ versionId }) => versionId === id));
    }),
  };
}
