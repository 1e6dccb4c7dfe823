import { type Request, Router } from 'express';
import { isUuid } from '../graphql/global-id.js';
import { beyondStorage } from '../projects/require-quota.js';
import { bytesLeft } from '../protocol/sql/project-quota.js';
import { withinTime } from '../server/body-within-time.js';
import type { UploadService } from './upload.service.js';
import { addPartRoutes } from './upload-parts.router.js';
import {
  alreadyReceived,
  beyondQuota,
  encoded,
  ended,
  expired,
  otherMethod,
  refusalOf,
  refuse,
  tooLarge,
  unknown,
} from './upload-refusals.js';
import { defaultTimes, type UploadTimes } from './upload-times.js';

/**
 * `PUT /uploads/<id>?token=…` with the file as the request's body. Answers 201 with {digest, sizeBytes}; else {code,
 * message, hint}. The body streams to the artifact store, and its format is checked on the way: memory does not grow
 * with the file. Nothing is kept of a body that breaks off; a file that is sent in parts goes on then
 * (upload-parts.router.ts).
 */
export function uploadsRouter(uploads: UploadService, times: UploadTimes = defaultTimes): Router {
  const router = Router();

  router.put('/uploads/:id', async (request: Request<{ id: string }>, response) => {
    const { id } = request.params;
    if (!isUuid(id)) return refuse(request, response, unknown);
    const admission = await uploads.admit(id, request.query);
    switch (admission.kind) {
      case 'unknown':
        return refuse(request, response, unknown);
      case 'ended':
        return refuse(request, response, ended);
      case 'expired':
        return refuse(request, response, expired);
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
  addPartRoutes(router, uploads, times);
  router.all('/uploads/:id', (request, response) => {
    response.set('allow', 'PUT, HEAD, PATCH, DELETE');
    refuse(request, response, otherMethod);
  });

  return router;
}
