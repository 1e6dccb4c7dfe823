import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { createEngine } from '../engine/index.js';
import { serveJobs } from '../thread-port.js';
import type { ThreadSettings } from '../thread-protocol.js';
import { createShortJobs } from './short-jobs.js';

/** Models kept in memory: about ten of the size of Universal Sentence Encoder Lite, with a few graphs each. */
const maxModelBytes = 2 ** 30;

/** The short lane's thread: evaluations and predictions, while the training lane trains. */
if (parentPort === null)
  throw new Error('short-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const settings = workerData as ThreadSettings;
const engine = await createEngine(settings.engine);
const store = await openFileSystemStore({ root: settings.artifactFolder });
const jobs = createShortJobs(engine, store, maxModelBytes, join(settings.artifactFolder, 'tmp'));

serveJobs({
  port: parentPort,
  engine: engine.choice,
  run: ({ payload }, context) => jobs.run(payload, context),
  async release() {
    await jobs.release();
    await engine.release();
  },
});
