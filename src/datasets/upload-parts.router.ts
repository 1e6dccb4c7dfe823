import type { Request, Response, Router } from 'express';
import { isUuid } from '../graphql/global-id.js';
import { BodyTimeoutError, withinTime } from '../server/body-within-time.js';
import type { Refusal } from '../server/refusal.js';
import type { UploadService } from './upload.service.js';
import type { UploadProgress } from './upload-parts.js';
import { alreadyReceived, encoded, ended, expired, refusalOf, refuse, unknown } from './upload-refusals.js';
import type { UploadTimes } from './upload-times.js';

type UploadRequest = Request<{ id: string }>;

/** The type that tus gives the bytes of a part. */
const partType = 'application/offset+octet-stream';

const otherType: Refusal = {
  status: 415,
  code: 'WRONG_FORMAT',
  message: `The body of a PATCH is part of a file, of the type ${partType}.`,
  hint: `Send the bytes with the header Content-Type: ${partType}.`,
};

const noOffset: Refusal = {
  status: 400,
  code: 'REQUIRED',
  message: 'A PATCH says where its part begins in the file.',
  hint: 'Send the header Upload-Offset with a number of bytes: what HEAD answers.',
};

const stopped: Refusal = {
  status: 408,
  code: 'TIMEOUT',
  message: 'The part stopped arriving. What came of it is kept.',
  hint: 'Ask by HEAD how much that is, and send the rest by PATCH.',
};

function elsewhere(receivedBytes: number): Refusal {
  return {
    status: 409,
    code: 'CONFLICT',
    message: `The next part begins at byte ${receivedBytes}.`,
    hint: 'Send the file from there, with the header Upload-Offset.',
  };
}

function wrongLength(expectedBytes: number | null): Refusal {
  return expectedBytes === null
    ? {
        status: 400,
        code: 'REQUIRED',
        message: 'The first part has to say how many bytes the whole file has.',
        hint: 'Send the header Upload-Length, or name sizeBytes in createUpload.',
      }
    : {
        status: 409,
        code: 'CONFLICT',
        message: `This upload is for a file of ${expectedBytes} bytes.`,
        hint: 'Send no more bytes than that, and the same header Upload-Length or none.',
      };
}

/**
 * Files in parts, by the core of tus 1.0 with its extension `termination` (https://tus.io/protocols/resumable-upload):
 * `HEAD` answers how much has arrived, `PATCH` sends what follows, `DELETE` cancels the upload. What arrives is kept,
 * also of a part that breaks off.
 */
export function addPartRoutes(router: Router, uploads: UploadService, times: UploadTimes): void {
  router.head('/uploads/:id', async (request: UploadRequest, response) => {
    const found = await admit(request, response, { evenReceived: true });
    if (found === null) return;
    try {
      const progress = await uploads.parts.progress(request.params.id);
      if (progress === null) return refuse(request, response, unknown);
      tell(response, progress);
      response.set('cache-control', 'no-store').status(200).end();
    } catch (error) {
      answerError(request, response, error, found.maxBytes);
    }
  });

  router.patch('/uploads/:id', async (request: UploadRequest, response) => {
    const found = await admit(request, response, { evenReceived: false });
    if (found === null) return;
    const { headers } = request;
    const [startByte, fileBytes] = [bytesIn(headers['upload-offset']), bytesIn(headers['upload-length'])];
    if (headers['content-type'] !== partType) return refuse(request, response, otherType);
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') return refuse(request, response, encoded);
    if (startByte === null) return refuse(request, response, noOffset);
    try {
      const { id } = request.params;
      const bodyBytes = bytesIn(headers['content-length']);
      const body = withinTime(request, times);
      const appended = await uploads.parts.append(id, { startByte, fileBytes, bodyBytes, body });
      switch (appended.kind) {
        case 'appended':
          tell(response, appended);
          response.status(204).end();
          return;
        case 'elsewhere':
          response.set('upload-offset', String(appended.receivedBytes));
          return refuse(request, response, elsewhere(appended.receivedBytes));
        case 'wrongLength':
          return refuse(request, response, wrongLength(appended.expectedBytes));
        case 'alreadyReceived':
          return refuse(request, response, alreadyReceived);
        case 'gone':
          return refuse(request, response, unknown);
        default:
          appended satisfies never;
      }
    } catch (error) {
      // The client went away: no answer can reach it.
      if (request.destroyed && !request.complete) return;
      if (error instanceof BodyTimeoutError) return refuse(request, response, stopped);
      answerError(request, response, error, found.maxBytes);
    }
  });

  router.delete('/uploads/:id', async (request: UploadRequest, response) => {
    const found = await admit(request, response, { evenReceived: true });
    if (found === null) return;
    if (await uploads.parts.cancel(request.params.id)) response.status(204).end();
    else refuse(request, response, alreadyReceived);
  });

  /** Answers a request that the URL does not open the upload for, and returns null. */
  async function admit(
    request: UploadRequest,
    response: Response,
    { evenReceived }: { readonly evenReceived: boolean },
  ): Promise<{ readonly maxBytes: number } | null> {
    response.set('tus-resumable', '1.0.0');
    const admission = isUuid(request.params.id)
      ? await uploads.admit(request.params.id, request.query)
      : ({ kind: 'unknown' } as const);
    switch (admission.kind) {
      case 'admitted':
        return admission;
      case 'alreadyReceived':
        if (evenReceived) return { maxBytes: 0 };
        refuse(request, response, alreadyReceived);
        return null;
      case 'ended':
        refuse(request, response, ended);
        return null;
      case 'expired':
        refuse(request, response, expired);
        return null;
      case 'unknown':
        refuse(request, response, unknown);
        return null;
      default:
        return admission satisfies never;
    }
  }
}

function answerError(request: UploadRequest, response: Response, error: unknown, maxBytes: number): void {
  const refusal = refusalOf(error, maxBytes);
  if (refusal === null) throw error;
  refuse(request, response, refusal);
}

function tell(response: Response, { receivedBytes, expectedBytes }: UploadProgress): void {
  response.set('upload-offset', String(receivedBytes));
  if (expectedBytes === null) response.set('upload-defer-length', '1');
  else response.set('upload-length', String(expectedBytes));
}

function bytesIn(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null;
}
