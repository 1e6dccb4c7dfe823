import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { verifiedPath as verifiedPathOf } from '../../src/storage/verified-path.js';
import { ProblemError } from '../problem-error.js';

/** Bytes of an artifact. Errors: ProblemError MISSING_ARTIFACT; StorageError when the disk fails. */
export function readArtifact(store: ArtifactStore, digest: string, what: string): Promise<Buffer> {
  return orMissing(store.read(digest), digest, what);
}

/** Path of an artifact. Errors as `readArtifact`. */
export function artifactPath(store: ArtifactStore, digest: string, what: string): Promise<string> {
  return orMissing(store.localPath(digest), digest, what);
}

/**
 * Path of an artifact whose bytes were read, a few at a time, and checked against its digest. Errors as `readArtifact`.
 */
export function verifiedPath(store: ArtifactStore, digest: string, what: string): Promise<string> {
  return orMissing(verifiedPathOf(store, digest), digest, what);
}

async function orMissing<Result>(reading: Promise<Result>, digest: string, what: string): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'NOT_FOUND') {
      throw missingArtifact(
        error,
        `${what} (artifact ${digest.slice(0, 12)}…) is not in the artifact store`,
        `The file artifacts/${digest.slice(0, 2)}/${digest} is missing. API and workers must share one artifact store: compare their ATTUNE_HOME. If the file was lost, restore it from a backup.`,
      );
    }
    if (error instanceof StorageError && error.code === 'CORRUPT') {
      throw missingArtifact(
        error,
        `${what} (artifact ${digest.slice(0, 12)}…) is damaged`,
        `The file artifacts/${digest.slice(0, 2)}/${digest} no longer has the bytes that were written: check the disk, and restore the file from a backup. The same upload or import, made again, also replaces it.`,
      );
    }
    throw error;
  }
}

function missingArtifact(cause: StorageError, message: string, hint: string): ProblemError {
  return new ProblemError({ path: [], code: 'MISSING_ARTIFACT', message, hint }, { cause });
}
