import { posix } from 'node:path';
import { type Request, type RequestHandler, Router } from 'express';
import { may, type Viewer } from '../access/viewer.js';
import { isUuid } from '../graphql/global-id.js';
import type { ExportedFile } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import { type ArchivedFile, sendArchive } from './archive.js';
import type { SignedPaths } from './signed-paths.js';
import { type ModelExportRow, modelExportsByIds } from './transfer.reads.js';

/** A file of an export never changes, but shared caches must not keep it. */
const cacheControl = 'private, max-age=31536000, immutable';

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No file of an export has this URL.',
  hint: 'Take the URL from `files { url }` or `archiveUrl` of an export that has SUCCEEDED.',
};

const expired: Refusal = {
  status: 403,
  code: 'LINK_EXPIRED',
  message: 'This link has expired, or is not the one that was given.',
  hint: 'Ask for a new one: `archiveLink` of an export, or `link` of its file.',
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
  const isSigned = ({ originalUrl, query }: Request): boolean =>
    signedPaths.isSigned(originalUrl.split('?', 1)[0]!, query);
  router.use('/exports', (request, response, next) => {
    if (isSigned(request)) next();
    else if (request.query.signature === undefined) identify(request, response, next);
    else answerRefusal(response, expired);
  });

  const find = async (
    request: Request,
  ): Promise<(ModelExportRow & { readonly files: readonly ExportedFile[] }) | null> => {
    const id = String(request.params.id);
    const [row] = isUuid(id) ? await modelExportsByIds(query, [id]) : [];
    if (row === undefined || row.files === null) return null;
    const mayRead = isSigned(request) || may(viewerOf(request), 'READ', row.projectId);
    return mayRead ? { ...row, files: row.files } : null;
  };

  router.get('/exports/:id/files/*name', async (request: Request<{ id: string; name: string[] }>, response) => {
    const { name } = request.params;
    const file = (await find(request))?.files.find((each) => each.name === name.join('/'));
    if (file === undefined) return answerRefusal(response, unknown);
    const path = await pathOrNull(store, file.digest);
    if (path === null) return answerRefusal(response, missing);
    response.attachment(posix.basename(file.name));
    response.set({ etag: `"${file.digest}"`, 'cache-control': cacheControl });
    await new Promise<void>((resolve, reject) => {
      // The path of the artifacts' folder may have a part that begins with a dot.
      response.sendFile(path, { dotfiles: 'allow', cacheControl: false, lastModified: false }, (error) => {
        // A client that went away is not a fault. For a faulty request, such as a wrong range, the error's status is
        // the answer.
        if (error === undefined || isAborted(error)) resolve();
        else reject(error);
      });
    });
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

/** e.g. `support-intents-onnx.zip`: the model's name without what file systems refuse. */
function archiveName({ modelName, format }: ModelExportRow): string {
  const name = modelName
    .replace(/[\\/:*?"<>|\p{C}\s]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100);
  return `${name === '' ? 'model' : name}-${format}.zip`;
}

async function pathOrNull(store: Pick<ArtifactStore, 'localPath'>, digest: string): Promise<string | null> {
  try {
    return await store.localPath(digest);
  } catch (error) {
    if (error instanceof StorageError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

function isAborted(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNABORTED' || error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
