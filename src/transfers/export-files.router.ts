import { posix } from 'node:path';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { may, type Viewer } from '../access/viewer.js';
import type { ExportedFile } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import { type ArchivedFile, sendArchive } from './archive.js';
import { type ModelExportRow, modelExportsByIds } from './transfer.reads.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** A file of an export never changes; no cache that others share may keep it. */
const cacheControl = 'private, max-age=31536000, immutable';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is no file of an export at this address.',
  hint: 'Take the address from `files { url }` or `archiveUrl` of an export that has SUCCEEDED.',
};

const missing: Refusal = {
  status: 410,
  code: 'MISSING_ARTIFACT',
  message: 'The file is no longer in the artifact store.',
  hint: 'Export the model again.',
};

/**
 * Files of exports. `GET /exports/<id>/files/<name>`: one file, with ranges, its digest as ETag. `GET /exports/<id>/archive.zip`: all of
 * them. What can be had is what the export's row lists: a name is looked up there, never in a file system. Else {code, message, hint}. What the viewer may not read
 * is not there.
 */
export function exportsRouter(options: {
  /** Reads, from the process's pool. */
  readonly query: Query;
  readonly store: Pick<ArtifactStore, 'localPath'>;
  /** Before all routes. */
  readonly identify: RequestHandler;
  readonly viewerOf: (request: Request) => Viewer;
}): Router {
  const { query, store, identify, viewerOf } = options;
  const router = Router();
  router.use('/exports', identify);

  const find = async (
    request: Request,
  ): Promise<(ModelExportRow & { readonly files: readonly ExportedFile[] }) | null> => {
    const id = String(request.params.id);
    const [row] = uuid.test(id) ? await modelExportsByIds(query, [id]) : [];
    if (row === undefined || row.files === null || !may(viewerOf(request), 'READ', row.projectId)) return null;
    return { ...row, files: row.files };
  };

  router.get('/exports/:id/files/*name', async (request: Request<{ id: string; name: string[] }>, response) => {
    const { name } = request.params;
    const file = (await find(request))?.files.find((each) => each.name === name.join('/'));
    if (file === undefined) return refuse(response, unknown);
    const path = await pathOrNull(store, file.digest);
    if (path === null) return refuse(response, missing);
    response.attachment(posix.basename(file.name));
    response.set({ etag: `"${file.digest}"`, 'cache-control': cacheControl });
    await new Promise<void>((resolve, reject) => {
      // The folder that holds artifacts may begin with a dot.
      response.sendFile(path, { dotfiles: 'allow', cacheControl: false, lastModified: false }, (error) => {
        // A client that went away is no fault; what is wrong with the request itself, a range for one, is said by its status.
        if (error === undefined || isAborted(error)) resolve();
        else reject(error);
      });
    });
  });

  router.get('/exports/:id/archive.zip', async (request: Request<{ id: string }>, response) => {
    const row = await find(request);
    if (row === null) return refuse(response, unknown);
    const files: ArchivedFile[] = [];
    for (const { name, digest, sizeBytes } of row.files) {
      const path = await pathOrNull(store, digest);
      if (path === null) return refuse(response, missing);
      files.push({ name, path, sizeBytes });
    }
    response.attachment(`${row.format}-${row.id}.zip`);
    await sendArchive(files, { modifiedAt: row.finishedAt ?? row.createdAt, request, response });
  });

  return router;
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

function refuse(response: Response, { status, code, message, hint }: Refusal): void {
  response.status(status).json({ code, message, hint });
}
