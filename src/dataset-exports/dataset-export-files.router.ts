import type { Router } from 'express';
import type { Refusal } from '../server/refusal.js';
import { type FilesRouterOptions, storedFilesRouter } from '../transfers/stored-files.router.js';
import { datasetExportsByIds, neededFor } from './dataset-export.reads.js';
import { datasetExportsBase } from './dataset-export.type.js';

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No file of an export has this URL.',
  hint: 'Take the URL from `files { url }` or `archiveUrl` of an export that has SUCCEEDED.',
};

const missing: Refusal = {
  status: 410,
  code: 'MISSING_ARTIFACT',
  message: 'The file is no longer in the artifact store.',
  hint: 'Export the dataset version again.',
};

/** Files of exports of dataset versions: `GET /dataset-exports/<id>/files/<name>`, `…/archive.zip` for all of them. */
export function datasetExportsRouter(options: FilesRouterOptions): Router {
  return storedFilesRouter({
    ...options,
    base: datasetExportsBase,
    unknown,
    missing,
    async find(query, id) {
      const [row] = await datasetExportsByIds(query, [id]);
      if (row === undefined) return null;
      const needs = neededFor(row);
      return { ...row, needs, archiveName: `${row.name.replace(/\.[a-z]+$/, '')}.zip` };
    },
  });
}
