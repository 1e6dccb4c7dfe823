import { Router } from 'express';

/** `/health/live`: the process answers. `/health/ready`: the database answers too, and a worker is online; else 503. */
export function healthRouter(workers: { anyOnline(): Promise<boolean> }): Router {
  const router = Router();
  router.get('/health/live', (_, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_, response) => {
    const online = await workers.anyOnline().catch(() => null);
    const ready = online === true;
    response.status(ready ? 200 : 503).json({
      status: ready ? 'ready' : 'not ready',
      database: online === null ? 'unreachable' : 'reachable',
      worker: online === true ? 'online' : online === false ? 'none' : 'unknown',
    });
  });
  return router;
}
