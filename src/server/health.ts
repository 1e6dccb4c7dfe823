import { Router } from 'express';
import type { WorkerReads } from '../workers/worker.reads.js';

/** `/health/live`: the process answers. `/health/ready`: the database does too, and a worker is there. 503 when not. */
export function healthRouter(workerReads: Pick<WorkerReads, 'anyOnline'>): Router {
  const router = Router();
  router.get('/health/live', (_, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_, response) => {
    const workers = await workerReads.anyOnline().catch(() => null);
    const ready = workers === true;
    response.status(ready ? 200 : 503).json({
      status: ready ? 'ready' : 'not ready',
      database: workers === null ? 'unreachable' : 'reachable',
      worker: workers === true ? 'online' : workers === false ? 'none' : 'unknown',
    });
  });
  return router;
}
