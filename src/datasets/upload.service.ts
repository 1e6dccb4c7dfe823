import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ProblemsError, problem } from '../problem.js';
import { mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import type { DatasetCommands } from './dataset-commands.js';

/** Long enough for a large file on a slow line: it counts until the file has arrived. */
const uploadLifetimeMs = 24 * 3_600_000;
const tokenBytes = 32;
const maxFileNameLength = 255;

export interface UploadService {
  createUpload: DatasetCommands['createUpload'];
  /** Whether this id and secret open an upload that still waits for its file; the size limit if so. */
  admit(id: string, token: string): Promise<Admission>;
  /**
   * Stores the body of an upload that was admitted. Null: another request for it was faster. Nothing stays of a body that
   * breaks off. Throws StorageError.
   */
  receive(id: string, body: Readable): Promise<StoredArtifact | null>;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly maxBytes: number }
  /** No such upload, or not its secret: one answer for both, so that ids can't be probed. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'alreadyReceived' };

export function createUploadService(options: {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly maxBytes: number;
  readonly now: () => Date;
}): UploadService {
  const { dataSource, store, maxBytes, now } = options;
  const query = poolQuery(dataSource);

  return {
    async createUpload({ projectId, fileName, format }) {
      const name = fileName.trim();
      if (name === '' || name.length > maxFileNameLength) {
        throw new ProblemsError([
          problem(['fileName'], 'INVALID_VALUE', `A file name has 1 to ${maxFileNameLength} characters.`),
        ]);
      }
      const id = randomUUID();
      const token = randomBytes(tokenBytes).toString('base64url');
      const expiresAt = new Date(now().getTime() + uploadLifetimeMs);
      await query(
        `INSERT INTO uploads (id, project_id, file_name, format, token_digest, status, expires_at)
         VALUES ($1, $2, $3, $4, $5, 'WAITING', $6)`,
        [id, projectId, name, format, digestOf(token), expiresAt],
      );
      return { id, url: `/uploads/${id}?token=${token}`, expiresAt, maxBytes };
    },

    async admit(id, token) {
      const [upload] = await query<{ tokenDigest: string; status: string; expiresAt: Date }>(
        'SELECT token_digest AS "tokenDigest", status, expires_at AS "expiresAt" FROM uploads WHERE id = $1',
        [id],
      );
      if (upload === undefined || !equalDigests(upload.tokenDigest, digestOf(token))) return { kind: 'unknown' };
      if (upload.status !== 'WAITING') return { kind: 'alreadyReceived' };
      if (upload.expiresAt <= now()) return { kind: 'expired' };
      return { kind: 'admitted', maxBytes };
    },

    async receive(id, body) {
      const artifact = await store.writeStream(body, { maxBytes });
      return inTransaction(dataSource, async ({ query }) => {
        await recordArtifacts(query, [{ ...artifact, mediaType: mediaTypes.upload }]);
        // Equal bytes of an old upload may be on their way out (upload-sweep.ts): once the row is ours, the file is there for good, or gone.
        await query('SELECT 1 FROM artifacts WHERE digest = $1 FOR KEY SHARE', [artifact.digest]);
        if (!(await store.has(artifact.digest))) {
          throw new StorageError('NOT_FOUND', 'keep an upload: its bytes were removed with an older upload');
        }
        const received = await query(
          `UPDATE uploads SET status = 'RECEIVED', artifact_digest = $2, size_bytes = $3
           WHERE id = $1 AND status = 'WAITING' RETURNING id`,
          [id, artifact.digest, artifact.sizeBytes],
        );
        return received.length === 0 ? null : artifact;
      });
    },
  };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function equalDigests(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
