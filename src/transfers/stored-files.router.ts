import { type Request, type RequestHandler, Router } from 'express';
import type { Scope } from '../access/rights.js';
import { may, type Viewer } from '../access/viewer.js';
import { isUuid } from '../graphql/global-id.js';
import type { ExportedFile } from '../protocol/job.js';
import type { Query } from '../protocol/sql/query.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { type ArchivedFile, sendArchive } from './archive.js';
import { isSignedRequest, pathOrNull, sendStoredFile, signedOrIdentified } from './send-stored-file.js';
import type { SignedPaths } from './signed-paths.js';

/** What routers of stored files have in common. */
export interface FilesRouterOptions {
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly store: Pick<ArtifactStore, 'localPath'>;
  readonly signedPaths: Pick<SignedPaths, 'isSigned'>;
  /** Runs before all routes, unless the path is signed. */
  readonly identify: RequestHandler;
  readonly viewerOf: (request: Request) => Viewer;
}

/** The files of one object. */
interface StoredFiles {
  readonly projectId: string;
  /** What whoever downloads them may do in the project. */
  readonly needs: Scope;
  /** Null: there are none yet. */
  readonly files: readonly ExportedFile[] | null;
  readonly archiveName: string;
  readonly finishedAt: Date | null;
  readonly createdAt: Date;
}

/**
 * Files that an object has in the store. `GET <base>/<id>/files/<name>` sends one file, with ranges, and with its
 * digest as ETag. `GET <base>/<id>/archive.zip` sends all of them. Names are looked up in the object's row, never in a
 * file system. A signed path needs no credential. Refusals are {code, message, hint}; an object that the viewer may not
 * read looks as if it did not exist.
 */
export function storedFilesRouter(
  options: FilesRouterOptions & {
    /** Path of all objects, such as `/exports`. */
    readonly base: string;
    /** The object of a row id; null: there is none. */
    readonly find: (query: Query, id: string) => Promise<StoredFiles | null>;
    /** For a path that leads to no file. */
    readonly unknown: Refusal;
    /** For a file that is no longer in the store. */
    readonly missing: Refusal;
  },
): Router {
  const { query, store, signedPaths, identify, viewerOf, base, unknown, missing } = options;
  const router = Router();
  router.use(base, signedOrIdentified(signedPaths, identify));

  const find = async (
    request: Request,
  ): Promise<(StoredFiles & { readonly files: readonly ExportedFile[] }) | null> => {
    const id = String(request.params.id);
    const found = isUuid(id) ? await options.find(query, id) : null;
    if (found === null || found.files === null) return null;
    const mayRead = isSignedRequest(signedPaths, request) || may(viewerOf(request), found.needs, found.projectId);
    return mayRead ? { ...found, files: found.files } : null;
  };

  router.get(`${base}/:id/files/*name`, async (request: Request, response) => {
    // A name with slashes comes in parts.
    const name = (request.params as unknown as { readonly name: readonly string[] }).name.join('/');
    const file = (await find(request))?.files.find((each) => each.name === name);
    if (file === undefined) return answerRefusal(response, unknown);
    const path = await pathOrNull(store, file.digest);
    if (path === null) return answerRefusal(response, missing);
    await sendStoredFile(response, path, file);
  });

  router.get(`${base}/:id/archive.zip`, async (request: Request, response) => {
    const found = await find(request);
    if (found === null) return answerRefusal(response, unknown);
    const files: ArchivedFile[] = [];
    for (const { name, digest, sizeBytes } of found.files) {
      const path = await pathOrNull(store, digest);
      if (path === null) return answerRefusal(response, missing);
      files.push({ name, path, sizeBytes });
    }
    response.attachment(found.archiveName);
    await sendArchive(files, { modifiedAt: found.finishedAt ?? found.createdAt, request, response });
  });

  return router;
}
