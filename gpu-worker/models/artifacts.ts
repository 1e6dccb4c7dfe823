import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { StorageError, toStorageError } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';

/** Bytes of an artifact. Errors: ProblemError MISSING_ARTIFACT; StorageError when the disk fails. */
export async function readArtifact(store: ArtifactStore, digest: string, what: string): Promise<Buffer> {
  try {
    return await store.read(digest);
  } catch (error) {
    throw missingArtifact(error, digest, what);
  }
}

/** Path of an artifact. Errors as `readArtifact`. */
export async function artifactPath(store: ArtifactStore, digest: string, what: string): Promise<string> {
  try {
    return await store.localPath(digest);
  } catch (error) {
    throw missingArtifact(error, digest, what);
  }
}

/**
 * Path of an artifact whose bytes were read, a few at a time, and checked against its digest. Errors as `readArtifact`.
 */
export async function verifiedPath(store: ArtifactStore, digest: string, what: string): Promise<string> {
  const path = await artifactPath(store, digest, what);
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
  } catch (error) {
    throw missingArtifact(toStorageError(error, `read artifact ${digest}`), digest, what);
  }
  if (hash.digest('hex') === digest) return path;
  throw missingArtifact(new StorageError('CORRUPT', `read artifact ${digest}: its bytes have changed`), digest, what);
}

function missingArtifact(error: unknown, digest: string, what: string): unknown {
  if (!(error instanceof StorageError) || (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT')) return error;
  return new ProblemError(
    {
      path: [],
      code: 'MISSING_ARTIFACT',
      message: `${what} (artifact ${digest.slice(0, 12)}…) is ${error.code === 'CORRUPT' ? 'damaged' : 'not in the artifact store'}`,
      hint: 'API and workers must share one artifact store: compare their ATTUNE_HOME.',
    },
    { cause: error },
  );
}
