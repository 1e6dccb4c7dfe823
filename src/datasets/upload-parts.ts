import { createReadStream } from 'node:fs';
import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { beyondStorage, requireWithinStorage } from '../projects/require-quota.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';
import { bytesLeft, storageUse } from '../protocol/sql/project-quota.js';
import type { Query } from '../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import { checkContent, UploadContentError } from './upload-content.js';
import { createUploadFiles, type ExpectedFile, giveUpParts, keepUploaded, otherFile } from './upload-file.js';

/** How far the file of an upload has arrived. */
export interface UploadProgress {
  readonly receivedBytes: number;
  /** Null: the client did not say yet. */
  readonly expectedBytes: number | null;
  /** Whether the file is whole, and a dataset can be made of it. */
  readonly isWhole: boolean;
}

type Appended =
  | ({ readonly kind: 'appended' } & UploadProgress)
  /** The part does not begin where the last one ends, or another request sent it meanwhile. */
  | { readonly kind: 'elsewhere'; readonly receivedBytes: number }
  /** How long the file is is not known, differs from what was said, or is less than what was sent. */
  | { readonly kind: 'wrongLength'; readonly expectedBytes: number | null }
  | { readonly kind: 'alreadyReceived' }
  | { readonly kind: 'gone' };

/** Receives files in parts, so that an upload which broke off goes on where it ended. */
export interface UploadParts {
  /** How far an upload is; null when there is none. Puts the file together if all its parts are there. */
  progress(id: string): Promise<UploadProgress | null>;
  /**
   * Stores what comes of a part, even if it breaks off: then its error is thrown. With the last part the file is put
   * together and checked, as a file that is sent at once. Throws StorageError; ProblemsError QUOTA_EXCEEDED; and
   * UploadContentError, after which nothing remains.
   */
  append(
    id: string,
    part: {
      readonly startByte: number;
      /** How long the part says that the whole file is. */
      readonly fileBytes: number | null;
      /** How long the part says that it is itself; null: it ends where its body ends. */
      readonly bodyBytes: number | null;
      readonly body: AsyncIterable<Uint8Array>;
    },
  ): Promise<Appended>;
  /** Deletes an upload that no dataset was made of, with what has arrived. False: there is none. */
  cancel(id: string): Promise<boolean>;
}

/** What a crash of the server costs at most; the end of a body and a broken connection end a part too. */
const partBytes = 16 * 2 ** 20;

interface Upload extends ExpectedFile {
  readonly id: string;
  readonly projectId: string;
  readonly format: UploadFormat;
  readonly status: 'WAITING' | 'RECEIVED' | 'CONSUMED';
  readonly receivedBytes: number;
}

export function createUploadParts(options: {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly maxBytes: number;
  /** How long an upload waits for its next part. */
  readonly lifetimeMs: number;
  readonly now: () => Date;
}): UploadParts {
  const { dataSource, store, maxBytes, lifetimeMs, now } = options;
  const query = poolQuery(dataSource);
  const files = createUploadFiles(dataSource, store);

  return {
    async progress(id) {
      const upload = await uploadById(query, id);
      if (upload === null) return null;
      const { receivedBytes, expectedBytes } = upload;
      // The server ended before it had put the file together.
      const isWhole = isComplete(upload) ? await putTogether(upload) : upload.status !== 'WAITING';
      return { receivedBytes, expectedBytes: isWhole ? receivedBytes : expectedBytes, isWhole };
    },

    async append(id, { startByte, fileBytes, bodyBytes, body }) {
      const upload = await uploadById(query, id);
      if (upload === null) return { kind: 'gone' };
      if (upload.status !== 'WAITING') return { kind: 'alreadyReceived' };
      if (startByte !== upload.receivedBytes) return { kind: 'elsewhere', receivedBytes: upload.receivedBytes };
      const expectedBytes = upload.expectedBytes ?? fileBytes;
      if (expectedBytes === null || (fileBytes !== null && fileBytes !== expectedBytes) || expectedBytes < startByte) {
        return { kind: 'wrongLength', expectedBytes: upload.expectedBytes };
      }
      if (startByte + (bodyBytes ?? 0) > expectedBytes) return { kind: 'wrongLength', expectedBytes };
      if (expectedBytes > maxBytes) throw new StorageError('TOO_LARGE', 'receive a file: it is larger than allowed');
      const use = await storageUse(query, upload.projectId);
      if (use !== null && expectedBytes - startByte > bytesLeft(use)) throw beyondStorage(use);

      const source = new PartSource(body);
      let receivedBytes = startByte;
      while (receivedBytes < expectedBytes) {
        const part = await source.next(Math.min(partBytes, expectedBytes - receivedBytes));
        if (part === null) break;
        const stored = await store.writeStream(part);
        if (receivedBytes + stored.sizeBytes === expectedBytes && (await source.next(1)) !== null) {
          // A body whose length was not said is longer than the file: so this is another file.
          await files.discard(stored);
          await startAgain(id);
          return { kind: 'wrongLength', expectedBytes };
        }
        if (!(await keepPart(upload, receivedBytes, expectedBytes, stored))) {
          await files.discard(stored);
          const current = await uploadById(query, id);
          return current === null ? { kind: 'gone' } : { kind: 'elsewhere', receivedBytes: current.receivedBytes };
        }
        receivedBytes += stored.sizeBytes;
      }
      if (source.failure !== null) throw source.failure;
      const isWhole =
        receivedBytes === expectedBytes && (await putTogether({ ...upload, receivedBytes, expectedBytes }));
      return { kind: 'appended', receivedBytes, expectedBytes, isWhole };
    },

    async cancel(id) {
      const canceled = await inTransaction(dataSource, async ({ query }) => {
        const [upload] = await query<{ digest: string | null }>(
          `SELECT artifact_digest AS digest FROM uploads WHERE id = $1 AND status <> 'CONSUMED' FOR UPDATE`,
          [id],
        );
        if (upload === undefined) return false;
        await giveUpParts(query, id, upload.digest === null ? [] : [upload.digest]);
        await query('DELETE FROM uploads WHERE id = $1', [id]);
        return true;
      });
      // The upload is gone, whatever comes of its files: the next sweep of the server removes what is left.
      if (canceled) await files.sweep().catch(() => undefined);
      return canceled;
    },
  };

  /** Records a part where the last one ends. False: another request was faster, or the upload was canceled. */
  function keepPart(
    { id, projectId }: Upload,
    startByte: number,
    expectedBytes: number,
    part: StoredArtifact,
  ): Promise<boolean> {
    return inTransaction(dataSource, async ({ query }) => {
      await keepUploaded(query, store, part);
      const expiresAt = new Date(now().getTime() + lifetimeMs);
      const moved = await query(
        `UPDATE uploads SET received_bytes = $3, expected_bytes = $4, expires_at = greatest(expires_at, $5),
                expected_by_part = expected_by_part OR expected_bytes IS NULL
          WHERE id = $1 AND status = 'WAITING' AND received_bytes = $2 AND coalesce(expected_bytes, $4) = $4
      RETURNING id`,
        [id, startByte, startByte + part.sizeBytes, expectedBytes, expiresAt],
      );
      if (moved.length === 0) return false;
      await query('INSERT INTO upload_parts (upload_id, start_byte, digest) VALUES ($1, $2, $3)', [
        id,
        startByte,
        part.digest,
      ]);
      await requireWithinStorage(query, projectId, []);
      return true;
    }).catch(async (error: unknown) => {
      await files.discard(part).catch(() => undefined);
      throw error;
    });
  }

  /**
   * Makes one file of all parts. False: another request did, or the upload was canceled meanwhile. Throws
   * UploadContentError, after which the upload is empty again.
   */
  async function putTogether(upload: Upload): Promise<boolean> {
    const parts = await query<{ digest: string }>(
      'SELECT digest FROM upload_parts WHERE upload_id = $1 ORDER BY start_byte',
      [upload.id],
    );
    try {
      const whole = await store.writeStream(checkContent(bytesOf(parts), upload.format)).catch((error: unknown) => {
        throw error instanceof StorageError && error.cause instanceof UploadContentError ? error.cause : error;
      });
      if (whole.sizeBytes !== upload.expectedBytes) {
        // Another request was faster, and has given up the parts.
        await files.discard(whole);
        return false;
      }
      const other = otherFile(upload, whole);
      if (other !== null) {
        await files.discard(whole);
        throw new UploadContentError(other);
      }
      return await files.record(upload, whole);
    } catch (error) {
      if (error instanceof UploadContentError) await startAgain(upload.id);
      throw error;
    }
  }

  async function* bytesOf(parts: readonly { readonly digest: string }[]): AsyncGenerator<Uint8Array> {
    for (const { digest } of parts) {
      yield* createReadStream(await store.localPath(digest)) as AsyncIterable<Uint8Array>;
    }
  }

  /** Empties an upload. What a part said of its file is forgotten, as the next part may be of another one. */
  async function startAgain(id: string): Promise<void> {
    await inTransaction(dataSource, async ({ query }) => {
      await query(
        `UPDATE uploads SET received_bytes = 0, expected_by_part = false,
                expected_bytes = CASE WHEN NOT expected_by_part THEN expected_bytes END
          WHERE id = $1 AND status = 'WAITING'`,
        [id],
      );
      await giveUpParts(query, id);
    });
    await files.sweep().catch(() => undefined);
  }
}

/** Throws ProblemsError NOT_FOUND unless the upload is the user's, and no dataset was made of it. */
export async function requireOwnUpload(query: Query, id: string, userId: string): Promise<void> {
  const found = await query(`SELECT 1 FROM uploads WHERE id = $1 AND created_by = $2 AND status <> 'CONSUMED'`, [
    id,
    userId,
  ]);
  if (found.length > 0) return;
  throw new ProblemsError([problem(['uploadId'], 'NOT_FOUND', 'You have no pending upload with this id.')]);
}

async function uploadById(query: Query, id: string): Promise<Upload | null> {
  const [upload] = await query<Upload>(
    `SELECT id, project_id AS "projectId", format, status, received_bytes::float8 AS "receivedBytes",
            expected_bytes::float8 AS "expectedBytes", expected_digest AS "expectedDigest"
       FROM uploads WHERE id = $1`,
    [id],
  );
  return upload ?? null;
}

function isComplete({ status, receivedBytes, expectedBytes }: Upload): boolean {
  return status === 'WAITING' && receivedBytes > 0 && receivedBytes === expectedBytes;
}

/** Cuts a body into parts. Where the body breaks off, the last part ends, and `failure` says why. */
class PartSource {
  failure: unknown = null;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array | null = null;
  private isOver = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.chunks = body[Symbol.asyncIterator]();
  }

  /** The next part, of at most `bytes`; null at the end of the body. The part before it has to be read to its end. */
  async next(bytes: number): Promise<AsyncIterable<Uint8Array> | null> {
    this.rest ??= await this.pull();
    return this.rest === null ? null : this.take(bytes);
  }

  private async *take(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      const chunk: Uint8Array | null = this.rest ?? (await this.pull());
      this.rest = null;
      if (chunk === null) return;
      if (chunk.length > left) this.rest = chunk.subarray(left);
      const taken = chunk.subarray(0, left);
      left -= taken.length;
      yield taken;
    }
  }

  /** The next chunk that is not empty; null at the end. */
  private async pull(): Promise<Uint8Array | null> {
    while (!this.isOver) {
      try {
        const { done, value } = await this.chunks.next();
        if (done === true) this.isOver = true;
        else if (value.length > 0) return value;
      } catch (error) {
        this.isOver = true;
        this.failure = error;
      }
    }
    return null;
  }
}
