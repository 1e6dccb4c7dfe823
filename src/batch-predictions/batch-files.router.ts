import { type Request, type RequestHandler, Router } from 'express';
import { may, type Viewer } from '../access/viewer.js';
import { isUuid } from '../graphql/global-id.js';
import type { Query } from '../protocol/sql/query.js';
import { answerRefusal, type Refusal } from '../server/refusal.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { isSignedRequest, pathOrNull, sendStoredFile, signedOrIdentified } from '../transfers/send-stored-file.js';
import type { SignedPaths } from '../transfers/signed-paths.js';
import { batchPredictionsByIds } from './batch-prediction.reads.js';

const unknown: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'No file of a batch prediction has this URL.',
  hint: 'Take the URL from `file { url }` of a batch prediction that has SUCCEEDED.',
};

const missing: Refusal = {
  status: 410,
  code: 'MISSING_ARTIFACT',
  message: 'The file is no longer in the artifact store.',
  hint: 'Predict for the rows again.',
};

/**
 * Files of batch predictions: `GET /batch-predictions/<id>/<name>`, with ranges, and with the digest as ETag. A signed
 * path needs no credential. Refusals are {code, message, hint}; a batch prediction that the viewer may not read looks
 * as if it did not exist.
 */
export function batchFilesRouter(options: {
  /** Reads on any connection of the process's pool. */
  readonly query: Query;
  readonly store: Pick<ArtifactStore, 'localPath'>;
  readonly signedPaths: Pick<SignedPaths, 'isSigned'>;
  /** Runs before the route, unless the path is signed. */
  readonly identify: RequestHandler;
  readonly viewerOf: (request: Request) => Viewer;
}): Router {
  const { query, store, signedPaths, identify, viewerOf } = options;
  const router = Router();
  router.use('/batch-predictions', signedOrIdentified(signedPaths, identify));
  router.get('/batch-predictions/:id/:name', async (request: Request<{ id: string; name: string }>, response) => {
    const { id, name } = request.params;
    const [row] = isUuid(id) ? await batchPredictionsByIds(query, [id]) : [];
    const file = row?.files?.find((each) => each.name === name);
    const mayRead =
      row !== undefined &&
      (isSignedRequest(signedPaths, request) || may(viewerOf(request as unknown as Request), 'READ', row.projectId));
    if (file === undefined || !mayRead) return answerRefusal(response, unknown);
    const path = await pathOrNull(store, file.digest);
    if (path === null) return answerRefusal(response, missing);
    await sendStoredFile(response, path, file);
  });
  return router;
}
