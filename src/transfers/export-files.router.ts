import { type Request, type RequestHandler, Router } from 'express';
import { may, type Viewer } from '../access/viewer.js';
import { isUuid } from '../graphql/global-id.js';
import type { ExportedFile } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { type ArchivedFile, sendArchive } from './archive.js';
import { nameForFiles } from './name-for-files.js';
import { isSignedRequest, pathOrNull, sendStoredFile, signedOrIdentified } from './send-stored-file.js';
import type { SignedPaths } from './signed-paths.js';
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

/**
 * Files of exports. `GET /exports/<id>/files/<name>` sends one file, with ranges, and with its digest as ETag. `GET
 * /exports/<id>/archive.zip` sends all of them. Names are looked up in the export's row, never in a file system. A
 * signed path needs no credential. Refusals are {code, message, hint}; an export that the viewer may not read looks as
 * if it did not exist.
 */
export function exportsRouter(options: {
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly store: Pick<ArtifactStore, 'localPath'>;
  readonly signedPaths: Pick<SignedPaths, 'isSigned'>;
  /** Runs before all routes, unless the path is signed. */
  readonly identify: RequestHandler;
  readonly viewerOf: (request: Request) => Viewer;
}): Router {
  const { query, store, signedPaths, identify, viewerOf } = options;
  const router = Router();
  router.use('/exports', signedOrIdentified(signedPaths, identify));

  const find = async (
    request: Request,
  ): Promise<(ModelExportRow & { readonly files: readonly ExportedFile[] }) | null> => {
    const id = String(request.params.id);
    const [row] = isUuid(id) ? await modelExportsByIds(query, [id]) : [];
    if (row === undefined || row.files === null) return null;
    const mayRead = isSignedRequest(signedPaths, request) || may(viewerOf(request), 'READ', row.projectId);
    return mayRead ? { ...row, files: row.files } : null;
  };

  router.get('/exports/:id/files/*name', async (request: Request<{ id: string; name: string[] }>, response) => {
    const { name } = request.params;
    const file = (await find(request))?.files.find((each) => each.name === name.join('/'));
    if (file === undefined) return answerRefusal(response, unknown);
    const path = await pathOrNull(store, file.digest);
    if (path === null) return answerRefusal(response, missing);
    await sendStoredFile(response, path, file);
  });

  router.get('/exports/:id/archive.zip', async (request: Request<{ id: string }>, response) => {
    const row = await find(request);
    if (row === null) return answerRefusal(response, unknown);
    const files: ArchivedFile[] = [];
    for (const { name, digest, sizeBytes } of row.files) {
      const path = await pathOrNull(store, digest);
      if (path === null) return answerRefusal(response, missing);
      files.push({ name, path, sizeBytes });
    }
    response.attachment(archiveName(row));
    await sendArchive(files, { modifiedAt: row.finishedAt ?? row.createdAt, request, response });
  });

  return router;
}

/** e.g. `support-intents-onnx.zip` */
function archiveName({ modelName, format }: ModelExportRow): string {
  return `${nameForFiles(modelName, 'model')}-${format}.zip`;
}
