import { type Request, type Response, Router } from 'express';
import type { UploadService } from '../datasets/upload.service.js';
import { StorageError, type StorageErrorCode } from '../storage/storage-error.js';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'There is no upload at this address.',
  hint: 'Send the file to the url that createUpload returned, its token included.',
};

const alreadyReceived: Refusal = {
  status: 409,
  code: 'ALREADY_RECEIVED',
  message: 'This upload has its file already.',
  hint: 'Make another one with createUpload for another file.',
};

/**
 * `PUT /uploads/<id>?token=…`: the file as the request's body. 201 with {digest, sizeBytes}; else {code, message, hint}.
 * The body streams to the artifact store: memory does not grow with the file.
 */
export function uploadsRouter(uploads: UploadService): Router {
  const router = Router();

  router.put('/uploads/:id', async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    const token = request.query.token;
    if (!uuid.test(id) || typeof token !== 'string') return refuse(request, response, unknown);
    const admission = await uploads.admit(id, token);
    switch (admission.kind) {
      case 'unknown':
        return refuse(request, response, unknown);
      case 'expired':
        return refuse(request, response, {
          status: 410,
          code: 'UPLOAD_EXPIRED',
          message: 'This upload has expired.',
          hint: 'Make another one with createUpload.',
        });
      case 'alreadyReceived':
        return refuse(request, response, alreadyReceived);
      case 'admitted':
        break;
      default:
        admission satisfies never;
    }
    const { maxBytes } = admission as Extract<typeof admission, { kind: 'admitted' }>;
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return refuse(request, response, tooLarge(maxBytes));

    try {
      const stored = await uploads.receive(id, request);
      if (stored === null) return refuse(request, response, alreadyReceived);
      response.status(201).json({ digest: stored.digest, sizeBytes: stored.sizeBytes });
    } catch (error) {
      // The client went away: nobody is there to answer to, and nothing was stored.
      if (request.destroyed && !request.complete) return;
      if (!(error instanceof StorageError)) throw error;
      refuse(request, response, refusalOf(error, maxBytes));
    }
  });

  return router;
}

function refusalOf(error: StorageError, maxBytes: number): Refusal {
  const refusals: Partial<Record<StorageErrorCode, Refusal>> = {
    TOO_LARGE: tooLarge(maxBytes),
    DISK_FULL: {
      status: 507,
      code: 'DISK_FULL',
      message: 'The server has no space left for this file.',
      hint: 'Free space on the server, then send the file again: nothing of it was kept.',
    },
  };
  return (
    refusals[error.code] ?? {
      status: 500,
      code: 'NOT_STORED',
      message: 'The file could not be stored.',
      hint: 'Send it again: nothing of it was kept.',
    }
  );
}

function tooLarge(maxBytes: number): Refusal {
  return {
    status: 413,
    code: 'TOO_LARGE',
    message: `The file passes the limit of ${maxBytes} bytes.`,
    hint: 'Split it, compress it as Parquet, or raise ATTUNE_MAX_UPLOAD_BYTES on the server.',
  };
}

/** Answers without reading the rest of the body, then closes: what is still on its way is not worth the bandwidth. */
function refuse(request: Request<{ id: string }>, response: Response, { status, code, message, hint }: Refusal): void {
  response.set('connection', 'close');
  response.status(status).json({ code, message, hint });
  response.on('finish', () => request.destroy());
}
