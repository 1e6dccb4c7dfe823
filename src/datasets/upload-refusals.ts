import type { Request, Response } from 'express';
import { isDatabaseFull } from '../database/disk-full.js';
import { ProblemsError } from '../problems/problem.js';
import { BodyTimeoutError } from '../server/body-within-time.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.js';
import { UploadContentError } from './upload-content.js';

export const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No upload has this URL.',
  hint: 'Send the file to the url that createUpload or pendingUploads returned, with all its parameters.',
};

export const ended: Refusal = {
  status: 403,
  code: 'FORBIDDEN',
  message:
    'The API key that this URL was given to was revoked or has expired, or its user may no longer send data to the project.',
  hint: 'Take another URL from pendingUploads, or create another upload, with a credential that is valid.',
};

export const otherMethod: Refusal = {
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message: 'Files are sent by PUT, or in parts by PATCH.',
  hint: "Send the file's bytes as the body, not as a form: curl -T <file> <url>.",
};

export const alreadyReceived: Refusal = {
  status: 409,
  code: 'ALREADY_RECEIVED',
  message: 'This upload already has its file.',
  hint: 'Create another upload with createUpload for another file.',
};

export const encoded: Refusal = {
  status: 415,
  code: 'WRONG_FORMAT',
  message: 'The body has a content encoding.',
  hint: 'Send the bytes of the file unchanged, without a Content-Encoding header.',
};

export function refusalOf(error: unknown, maxBytes: number): Refusal | null {
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
export function beyondQuota({ problems }: ProblemsError): Refusal {
  const { code, message, hint } = problems[0]!;
  return { status: 413, code, message, hint: hint ?? '' };
}

export function tooLarge(maxBytes: number): Refusal {
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
export function refuse(request: Request<{ id: string }>, response: Response, refusal: Refusal): void {
  response.set('connection', 'close');
  answerRefusal(response, refusal);
  response.on('finish', () => request.destroy());
}

export const expired: Refusal = {
  status: 410,
  code: 'UPLOAD_EXPIRED',
  message: 'This upload has expired.',
  hint: 'Create another upload with createUpload.',
};
