import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actingKeyId, actorId } from '../access/acting-viewer.js';
import { claimKey } from '../access/idempotency.js';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { beyondStorage, requireStorageLeft } from '../projects/require-quota.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';
import { sha256Hex } from '../protocol/sha256-hex.js';
import { bytesLeft, type StorageUse, storageUse } from '../protocol/sql/project-quota.js';
import type { Query } from '../protocol/sql/query.js';
import type { ArtifactStore, StoredArtifact } from '../storage/artifact-store.js';
import { StorageError } from '../storage/storage-error.js';
import type { DatasetCommands } from './dataset-commands.js';
import { requireFileName } from './file-name.js';
import { mayStillUpload, type UploadHolder } from './may-still-upload.js';
import { checkContent, UploadContentError } from './upload-content.js';
import { createUploadFiles, type ExpectedFile, otherFile } from './upload-file.js';
import { createUploadParts, type UploadParts } from './upload-parts.js';

/** Long enough for a large file on a slow line; it counts until the file has arrived. */
const uploadLifetimeMs = 24 * 3_600_000;
const tokenBytes = 32;
/** How many secrets an upload keeps: that of its first call and those of the latest repeated calls. */
const maxSecrets = 8;

export interface UploadService {
  readonly parts: UploadParts;
  createUpload: DatasetCommands['createUpload'];
  /**
   * Whether this id and secret, or signature, open an upload that still waits for its file; if so, with the size limit.
   */
  admit(id: string, secrets: UploadSecrets): Promise<Admission>;
  /**
   * Stores the body of an admitted upload. Null: another request for the upload was faster. Nothing remains of a body
   * that breaks off, has another format, is not the file that createUpload was told of, or exceeds the project's quota.
   * Throws StorageError, UploadContentError, ProblemsError QUOTA_EXCEEDED.
   */
  receive(id: string, format: UploadFormat, body: AsyncIterable<Uint8Array>): Promise<StoredArtifact | null>;
}

/** The search parameters of an upload's URL: the secret of createUpload, or a signature. */
interface UploadSecrets {
  readonly token?: unknown;
  readonly expires?: unknown;
  readonly signature?: unknown;
  /** The API key that a signature was given to. */
  readonly holder?: unknown;
}

/** Whether the server signed the path, with these search parameters. */
export type IsSigned = (path: string, parameters: UploadSecrets) => boolean;

type Admission =
  | {
      readonly kind: 'admitted';
      readonly maxBytes: number;
      readonly format: UploadFormat;
      /** Null: the project has no quota. */
      readonly use: StorageUse | null;
    }
  /** No such upload, or a wrong secret: the same answer for both, so that ids can't be probed. */
  | { readonly kind: 'unknown' }
  /** The API key that got the URL has ended, or its user may no longer send data to the project. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'alreadyReceived' };

export function createUploadService(options: {
  readonly dataSource: DataSource;
  readonly store: ArtifactStore;
  readonly maxBytes: number;
  readonly now: () => Date;
  /** Whether a path was signed for whoever may list the upload. Default: no path is. */
  readonly isSigned?: IsSigned;
}): UploadService {
  const { dataSource, store, maxBytes, now, isSigned = () => false } = options;
  const query = poolQuery(dataSource);
  const files = createUploadFiles(dataSource, store);

  return {
    parts: createUploadParts({ ...options, lifetimeMs: uploadLifetimeMs }),

    async createUpload({ projectId, fileName, format, sizeBytes = null, sha256 = null, idempotencyKey }) {
      const name = requireFileName(fileName);
      const token = randomBytes(tokenBytes).toString('base64url');
      // What was not said is left out, as calls were stored that could not say it.
      const input = {
        fileName: name,
        format,
        ...(sizeBytes === null ? {} : { sizeBytes }),
        ...(sha256 === null ? {} : { sha256 }),
      };
      const idempotent = { projectId, operation: 'createUpload', key: idempotencyKey, input };
      const { id, expiresAt } = await inTransaction(dataSource, async ({ query }) => {
        const newId = randomUUID();
        const id = await claimKey(query, idempotent, newId);
        if (id !== newId) return addSecret(query, id, sha256Hex(token), actingKeyId());
        await requireStorageLeft(query, projectId);
        const expiresAt = new Date(now().getTime() + uploadLifetimeMs);
        await query(
          `INSERT INTO uploads
             (id, project_id, file_name, format, token_digests, token_api_keys, status, expires_at, created_by,
              expected_bytes, expected_digest)
           VALUES ($1, $2, $3, $4, ARRAY[$5], ARRAY[$6::uuid], 'WAITING', $7, $8, $9, $10)`,
          [id, projectId, name, format, sha256Hex(token), actingKeyId(), expiresAt, actorId(), sizeBytes, sha256],
        );
        return { id, expiresAt };
      });
      const limit = Math.min(maxBytes, bytesLeft(await storageUse(query, projectId)));
      return { id, url: `/uploads/${id}?token=${token}`, expiresAt, maxBytes: limit };
    },

    async admit(id, secrets) {
      const [upload] = await query<UploadToAdmit>(
        `SELECT token_digests AS "tokenDigests", token_api_keys AS "tokenApiKeys", format, status,
                expires_at AS "expiresAt", project_id AS "projectId", created_by AS "createdBy"
           FROM uploads WHERE id = $1`,
        [id],
      );
      const holder = upload === undefined ? null : holderOf(upload, id, secrets);
      if (upload === undefined || holder === null) return { kind: 'unknown' };
      if (!(await mayStillUpload(query, holder))) return { kind: 'ended' };
      if (upload.status !== 'WAITING') return { kind: 'alreadyReceived' };
      if (upload.expiresAt <= now()) return { kind: 'expired' };
      return { kind: 'admitted', maxBytes, format: upload.format, use: await storageUse(query, upload.projectId) };
    },

    async receive(id, format, body) {
      const [upload] = await query<{ projectId: string } & ExpectedFile>(
        `SELECT project_id AS "projectId", CASE WHEN NOT expected_by_part THEN expected_bytes END::float8 AS "expectedBytes",
                expected_digest AS "expectedDigest" FROM uploads WHERE id = $1`,
        [id],
      );
      if (upload === undefined) return null;
      const { projectId } = upload;
      const use = await storageUse(query, projectId);
      const left = bytesLeft(use);
      const artifact = await store
        .writeStream(checkContent(body, format), { maxBytes: Math.min(maxBytes, left) })
        .catch((error: unknown) => {
          if (!(error instanceof StorageError)) throw error;
          if (use !== null && error.code === 'TOO_LARGE' && left < maxBytes) throw beyondStorage(use);
          // The store reports an error of its source as a fault of reading; the cause is the original error.
          throw error.cause instanceof UploadContentError ? error.cause : error;
        });
      const other = otherFile(upload, artifact);
      if (other !== null) {
        await files.discard(artifact);
        throw new UploadContentError(other);
      }
      const received = await files.record({ id, projectId }, artifact);
      return received ? artifact : null;
    },
  };

  /** Whom a URL was given to; null: it does not open the upload. */
  function holderOf(upload: UploadToAdmit, id: string, secrets: UploadSecrets): UploadHolder | null {
    const { projectId, createdBy: userId, tokenDigests, tokenApiKeys } = upload;
    if (typeof secrets.token === 'string') {
      const digest = sha256Hex(secrets.token);
      const place = tokenDigests.findIndex((each) => equalDigests(each, digest));
      return place === -1 ? null : { projectId, userId, apiKeyId: tokenApiKeys[place] ?? null };
    }
    if (!isSigned(`/uploads/${id}`, secrets)) return null;
    return { projectId, userId, apiKeyId: typeof secrets.holder === 'string' ? secrets.holder : null };
  }
}

interface UploadToAdmit {
  readonly tokenDigests: readonly string[];
  readonly tokenApiKeys: readonly (string | null)[];
  readonly createdBy: string | null;
  readonly format: UploadFormat;
  readonly status: string;
  readonly expiresAt: Date;
  readonly projectId: string;
}

/**
 * A repeated call returns the first upload with a new secret: only digests are stored, so the first secret can't be
 * returned again. It stays valid, because of two simultaneous calls the client may see either answer.
 */
async function addSecret(
  query: Query,
  id: string,
  digest: string,
  apiKeyId: string | null,
): Promise<{ id: string; expiresAt: Date }> {
  const [upload] = await query<{ expiresAt: Date }>(
    `UPDATE uploads SET token_digests = token_digests[greatest(1, cardinality(token_digests) - $3 + 2):] || $2::text,
            token_api_keys = token_api_keys[greatest(1, cardinality(token_api_keys) - $3 + 2):] || $4::uuid
     WHERE id = $1 RETURNING expires_at AS "expiresAt"`,
    [id, digest, maxSecrets, apiKeyId],
  );
  if (upload === undefined) {
    throw new ProblemsError([
      problem(['idempotencyKey'], 'NOT_FOUND', 'The upload of this key has expired.', 'Use a new key.'),
    ]);
  }
  return { id, expiresAt: upload.expiresAt };
}

function equalDigests(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
