import { type Request, type Response, Router } from 'express';
import { isDatabaseFull } from '../database/disk-full.js';
import { isUuid } from '../graphql/global-id.js';
import { ProblemsError } from '../problems/problem.js';
import { beyondStorage } from '../projects/require-quota.js';
import { bytesLeft } from '../protocol/sql/project-quota.js';
import { BodyTimeoutError, withinTime } from '../server/body-within-time.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.js';
import type { UploadService } from './upload.service.js';
import { UploadContentError } from './upload-content.js';

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No upload has this URL.',
  hint: 'Send the file to the url that createUpload returned, its token included.',
};

const otherMethod: Refusal = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'Files are sent by PUT.',
  hint: "Send the file's bytes as the body, not as a form: curl -T <file> <url>.",
};

const alreadyReceived: Refusal = {
  status: 409,
  code: 'ALREADY_RECEIVED',
  message: 'This upload already has its file.',
  hint: 'Create another upload with createUpload for another file.',
};

const encoded: Refusal = {
  status: 415,
  code: 'WRONG_FORMAT',
  message: 'The body has a content encoding.',
  hint: 'Send the bytes of the file unchanged, without a Content-Encoding header.',
};

/** How long a pause between bytes may last, and how long the whole body may take. */
export interface UploadTimes {
  readonly maxIdleMs: number;
  readonly maxDurationMs: number;
}
const defaultTimes: UploadTimes = { maxIdleMs: 60_000, maxDurationMs: 6 * 3_600_000 };

/**
 * `PUT /uploads/<id>?token=…` with the file as the request's body. Answers 201 with {digest, sizeBytes}; else {code,
 * message, hint}. The body streams to the artifact store, and its format is checked on the way: memory does not grow
 * with the file.
 */
export function uploadsRouter(uploads: UploadService, times: UploadTimes = defaultTimes): Router {
  const router = Router();

  router.put('/uploads/:id', async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    const token = request.query.token;
    if (!isUuid(id) || typeof token !== 'string') return refuse(request, response, unknown);
    const admission = await uploads.admit(id, token);
    switch (admission.kind) {
      case 'unknown':
        return refuse(request, response, unknown);
      case 'expired':
        return refuse(request, response, {
          status: 410,
          code: 'UPLOAD_EXPIRED',
          message: 'This upload has expired.',
          hint: 'Create another upload with createUpload.',
        });
      case 'alreadyReceived':
        return refuse(request, response, alreadyReceived);
      case 'admitted':
        break;
      default:
        admission satisfies never;
    }
    const { maxBytes, format, use } = admission as Extract<typeof admission, { kind: 'admitted' }>;
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') return refuse(request, response, encoded);
    const saidBytes = Number(request.headers['content-length'] ?? 0);
    if (saidBytes > maxBytes) return refuse(request, response, tooLarge(maxBytes));
    if (use !== null && saidBytes > bytesLeft(use)) return refuse(request, response, beyondQuota(beyondStorage(use)));

    try {
      const stored = await uploads.receive(id, format, withinTime(request, times));
      if (stored === null) return refuse(request, response, alreadyReceived);
      response.status(201).json({ digest: stored.digest, sizeBytes: stored.sizeBytes });
    } catch (error) {
      // The client went away: no answer can reach it, and nothing was stored.
      if (request.destroyed && !request.complete) return;
      const refusal = refusalOf(error, maxBytes);
      if (refusal === null) throw error;
      refuse(request, response, refusal);
    }
  });
  router.all('/uploads/:id', (request, response) => {
    response.set('allow', 'PUT');
    refuse(request, response, otherMethod);
  });

  return router;
}

function refusalOf(error: unknown, maxBytes: number): Refusal | null {
  if (error instanceof UploadContentError) {
    const { code, message, hint } = error.problem;
    return { status: code === 'WRONG_FORMAT' ? 415 : 422, code, message, hint: hint ?? '' };
  }
  if (error instanceof ProblemsError) return beyondQuota(error);
  if (isDatabaseFull(error)) return diskFull;
  if (!(error instanceof StorageError)) return null;
  if (error.cause instanceof BodyTimeoutError) return tooSlow;
  return refusalsOfStorage(maxBytes)[error.code] ?? notStored;
}

const diskFull: Refusal = {
  status: 507,
  code: 'DISK_FULL',
  message: 'The server has no space left for this file.',
  hint: 'Free space on the server, then send the file again: no part of it was kept.',
};

function refusalsOfStorage(maxBytes: number): Partial<Record<StorageErrorCode, Refusal>> {
  return {
    TOO_LARGE: tooLarge(maxBytes),
    DISK_FULL: diskFull,
    // The store had a file of equal bytes, which was deleted before this upload was recorded.
    NOT_FOUND: {
      status: 503,
      code: 'NOT_STORED',
      message: 'The file of something that had the same bytes, and was deleted, was removed at this moment.',
      hint: 'Send the file again: no part of it was kept.',
    },
  };
}

const notStored: Refusal = {
  status: 500,
  code: 'NOT_STORED',
  message: 'The file could not be stored.',
  hint: 'Send the file again: no part of it was kept.',
};

const tooSlow: Refusal = {
  status: 408,
  code: 'TIMEOUT',
  message: 'The file did not arrive in time.',
  hint: 'Send the file again, on a faster line or in parts: no part of it was kept.',
};

/** The only problem of receiving a file: the project's storage quota does not allow it. */
function beyondQuota({ problems }: ProblemsError): Refusal {
  const { code, message, hint } = problems[0]!;
  return { status: 413, code, message, hint: hint ?? '' };
}

function tooLarge(maxBytes: number): Refusal {
  return {
    status: 413,
    code: 'TOO_LARGE',
    message: `The file exceeds the limit of ${maxBytes} bytes.`,
    hint: 'Split it, compress it as Parquet, or raise ATTUNE_MAX_UPLOAD_BYTES on the server.',
  };
}

/**
 * Answers without reading the rest of the body, then closes the connection: the remaining bytes are not worth the
 * bandwidth.
 */
function refuse(request: Request<{ id: string }>, response: Response, refusal: Refusal): void {
  response.set('connection', 'close');
  answerRefusal(response, refusal);
  response.on('finish', () => request.destroy());
}
