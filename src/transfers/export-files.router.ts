import type { Router } from 'express';
import type { Refusal } from '../server/refusal.js';
import { modelExportsBase } from './model-export.type.js';
import { nameForFiles } from './name-for-files.js';
import { type FilesRouterOptions, storedFilesRouter } from './stored-files.router.js';
import { type ModelExportRow, modelExportsByIds } from './transfer.reads.js';

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
  hint: 'Export the model again.',
};

/** Files of exports of models: `GET /exports/<id>/files/<name>` and `GET /exports/<id>/archive.zip`. */
export function exportsRouter(options: FilesRouterOptions): Router {
  return storedFilesRouter({
    ...options,
    base: modelExportsBase,
    unknown,
    missing,
    async find(query, id) {
      const [row] = await modelExportsByIds(query, [id]);
      return row === undefined ? null : { ...row, needs: 'READ', archiveName: archiveName(row) };
    },
  });
}

/** e.g. `support-intents-onnx.zip` */
function archiveName({ modelName, format }: ModelExportRow): string {
  return `${nameForFiles(modelName, 'model')}-${format}.zip`;
}
