import { posix } from 'node:path';
import type { Request, RequestHandler, Response } from 'express';
import type { ExportedFile } from '../protocol/job.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import { mediaTypes } from '../storage/artifact-rows.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import type { SignedPaths } from './signed-paths.js';

/** A file never changes, but shared caches must not keep it. */
const cacheControl = 'private, max-age=31536000, immutable';

/** Types that the table of Express lacks. JSON lines are text in UTF-8. */
const typesByExtension: Readonly<Record<string, string>> = {
  '.jsonl': `${mediaTypes.jsonLines}; charset=utf-8`,
  '.parquet': mediaTypes.parquet,
  '.safetensors': mediaTypes.safetensors,
};

const expired: Refusal = {
  status: 403,
  code: 'LINK_EXPIRED',
  message: 'This link has expired, or is not the one that was given.',
  hint: 'Ask for a new one: `link` of a file, or `archiveLink` of an export.',
};

/** Whether the request's path was signed, and may be followed without a credential. */
export function isSignedRequest(
  signedPaths: Pick<SignedPaths, 'isSigned'>,
  { originalUrl, query }: Pick<Request, 'originalUrl' | 'query'>,
): boolean {
  return signedPaths.isSigned(originalUrl.split('?', 1)[0]!, query);
}

/** Finds out who asks, unless the path is signed. Refuses a signature that is wrong, or whose time is over. */
export function signedOrIdentified(
  signedPaths: Pick<SignedPaths, 'isSigned'>,
  identify: RequestHandler,
): RequestHandler {
  return (request, response, next) => {
    if (isSignedRequest(signedPaths, request)) next();
    else if (request.query.signature === undefined) identify(request, response, next);
    else answerRefusal(response, expired);
  };
}

/** Sends an artifact as a download, with ranges, and with its digest as ETag. */
export async function sendStoredFile(
  response: Response,
  path: string,
  { name, digest }: Pick<ExportedFile, 'name' | 'digest'>,
): Promise<void> {
  response.attachment(posix.basename(name));
  const type = typesByExtension[posix.extname(name)];
  if (type !== undefined) response.type(type);
  response.set({ etag: `"${digest}"`, 'cache-control': cacheControl });
  await new Promise<void>((resolve, reject) => {
    // The path of the artifacts' folder may have a part that begins with a dot.
    response.sendFile(path, { dotfiles: 'allow', cacheControl: false, lastModified: false }, (error) => {
      // A client that went away is not a fault. For a faulty request, such as a wrong range, the error's status is the
      // answer.
      if (error === undefined || isAborted(error)) resolve();
      else reject(error);
    });
  });
}

/** Path of an artifact; null when the store does not have it. */
export async function pathOrNull(store: Pick<ArtifactStore, 'localPath'>, digest: string): Promise<string | null> {
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
