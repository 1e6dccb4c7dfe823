import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ArtifactStore } from './artifact-store.js';
import { StorageError, toStorageError } from './storage-error.js';

/**
 * The path of an artifact whose bytes were read, a few at a time, and checked against its digest: for files that are
 * about to be read whole by code that would not notice a changed byte. Costs one reading of the file, some 1 GB a
 * second. @throws StorageError NOT_FOUND, CORRUPT, IO
 */
export async function verifiedPath(store: Pick<ArtifactStore, 'localPath'>, digest: string): Promise<string> {
  const path = await store.localPath(digest);
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
  } catch (error) {
    throw toStorageError(error, `read artifact ${digest}`);
  }
  if (hash.digest('hex') === digest) return path;
  throw new StorageError('CORRUPT', `read artifact ${digest}: its bytes have changed`);
}

/** Files that are known to have been checked. */
const mostKnown = 1000;

/**
 * As `verifiedPath`, for files that are read again and again: one is checked anew only when it has been written to
 * since, as its size and times show.
 */
export function createVerifiedPaths(
  store: Pick<ArtifactStore, 'localPath'>,
  verify: typeof verifiedPath = verifiedPath,
): (digest: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (digest) => {
    const path = await store.localPath(digest);
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true }).catch((error: unknown) => {
      throw toStorageError(error, `read artifact ${digest}`);
    });
    const state = [ino, size, mtimeNs, ctimeNs].join(' ');
    if (known.get(digest) === state) return path;
    known.delete(digest);
    await verify(store, digest);
    known.set(digest, state);
    if (known.size > mostKnown) known.delete(known.keys().next().value!);
    return path;
  };
}
