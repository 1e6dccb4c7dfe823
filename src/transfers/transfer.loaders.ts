import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  exportsOfModel,
  exportsOfProject,
  importsOfProject,
  type ModelExportRow,
  type ModelImportRow,
  modelExportsByIds,
  modelImportsByIds,
} from './transfer.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly transfers: ReturnType<typeof createTransferLoaders>;
  }
}

export function createTransferLoaders(query: Query) {
  return {
    importById: createKeyLoader<ModelImportRow>(
      (ids) => modelImportsByIds(query, ids),
      (row) => row.id,
    ),
    exportById: createKeyLoader<ModelExportRow>(
      (ids) => modelExportsByIds(query, ids),
      (row) => row.id,
    ),
    importsOfProject: createChildPageLoader<ModelImportRow>(query, importsOfProject),
    exportsOfProject: createChildPageLoader<ModelExportRow>(query, exportsOfProject),
    exportsOfModel: createChildPageLoader<ModelExportRow>(query, exportsOfModel),
  };
}
