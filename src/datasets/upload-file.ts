import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { requireWithinStorage } from '../projects/require-quota.js';
import type { Query } from '../protocol/sql/query.js';
import { removeUnusedArtifacts } from '../protocol/sql/remove-artifacts.js';
import { noteRemovals, removeNoted } from '../storage/artifact-removals.js';
import { mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';

/** What becomes of the bytes of uploads, once they are in the store. */
export interface UploadFiles {
  /**
   * Records the whole file of an upload that waits for it; its parts are needed no longer. False: another request for
   * the upload was faster, or it was canceled. Throws StorageError, ProblemsError QUOTA_EXCEEDED; the file is gone
   * then, unless something else has equal bytes.
   */
  record(upload: { readonly id: string; readonly projectId: string }, artifact: StoredArtifact): Promise<boolean>;
  /** Removes a file that no upload refers to, unless something else has equal bytes. */
  discard(artifact: StoredArtifact): Promise<void>;
  /** Removes files that parts and uploads gave up, in the transactions that noted them. */
  sweep(): Promise<void>;
}

/** What the client said of the whole file before it arrived; null: nothing. */
export interface ExpectedFile {
  readonly expectedBytes: number | null;
  /** Its SHA-256. */
  readonly expectedDigest: string | null;
}

/** What shows that a file is not the one that the client spoke of; null if nothing does. */
export function otherFile(
  { expectedBytes, expectedDigest }: ExpectedFile,
  { sizeBytes, digest }: StoredArtifact,
): InputProblem | null {
  if (expectedBytes !== null && sizeBytes !== expectedBytes) {
    const message = `The file has ${sizeBytes} bytes, and this upload is for one of ${expectedBytes} bytes.`;
    return problem(['body'], 'CHECKSUM_MISMATCH', message, sendWhole);
  }
  if (expectedDigest === null || digest === expectedDigest) return null;
  return problem(
    ['body'],
    'CHECKSUM_MISMATCH',
    'This is another file: its SHA-256 is not the one that createUpload was told.',
    sendWhole,
  );
}

const sendWhole = 'Send the whole file again, from its first byte.';

export function createUploadFiles(dataSource: DataSource, store: ArtifactStore): UploadFiles {
  const discard = (artifact: StoredArtifact): Promise<void> =>
    inTransaction(dataSource, async ({ query }) => {
      await recordArtifacts(query, [{ ...artifact, mediaType: mediaTypes.upload }]);
      await removeUnusedArtifacts(query, [artifact.digest], (digest) => store.remove(digest));
    });
  const sweep = async (): Promise<void> => {
    await inTransaction(dataSource, ({ query }) => removeNoted(query, (digest) => store.remove(digest)));
  };
  return {
    discard,
    sweep,
    async record({ id, projectId }, artifact) {
      const recorded = await inTransaction(dataSource, async ({ query }) => {
        await keepUploaded(query, store, artifact);
        const received = await query(
          `UPDATE uploads SET status = 'RECEIVED', artifact_digest = $2, size_bytes = $3, received_bytes = $3
             WHERE id = $1 AND status = 'WAITING' RETURNING id`,
          [id, artifact.digest, artifact.sizeBytes],
        );
        if (received.length === 0) return null;
        const hadParts = await giveUpParts(query, id);
        // Several files that arrive at once may each fit the remaining quota, but not all together.
        await requireWithinStorage(query, projectId, []);
        return { hadParts };
      }).catch(async (error: unknown) => {
        // If this fails too, the first error still explains the failure; a file that stays behind only costs disk
        // space.
        await discard(artifact).catch(() => undefined);
        throw error;
      });
      // What a failure leaves behind is removed by the next sweep of the server.
      if (recorded?.hadParts === true) await sweep().catch(() => undefined);
      if (recorded === null) await discard(artifact);
      return recorded !== null;
    },
  };
}

/**
 * Makes sure that a file stays, in the transaction that refers to it. The sweep of old uploads may be removing equal
 * bytes (upload-sweep.ts): once this transaction has locked the row, the file either stays or is gone.
 */
export async function keepUploaded(query: Query, store: ArtifactStore, artifact: StoredArtifact): Promise<void> {
  await recordArtifacts(query, [{ ...artifact, mediaType: mediaTypes.upload }]);
  await query('SELECT 1 FROM artifacts WHERE digest = $1 FOR KEY SHARE', [artifact.digest]);
  if (await store.has(artifact.digest)) return;
  throw new StorageError('NOT_FOUND', 'keep an upload: its bytes were removed with an older upload');
}

/**
 * Deletes the parts of an upload, and notes their files for removal.
 * @param others further files of the upload that it gives up
 * @returns whether there are files to remove
 */
export async function giveUpParts(query: Query, uploadId: string, others: readonly string[] = []): Promise<boolean> {
  const parts = await query<{ digest: string }>('DELETE FROM upload_parts WHERE upload_id = $1 RETURNING digest', [
    uploadId,
  ]);
  const digests = [...parts.map(({ digest }) => digest), ...others];
  await noteRemovals(query, digests);
  return digests.length > 0;
}
