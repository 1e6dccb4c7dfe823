import { mkdir } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { removeStaleFiles } from '../../src/storage/temporary-files.js';
import { serveJobs } from '../thread-port.js';
import type { DataSettings } from '../thread-protocol.js';
import { dataService } from './data-service.js';

/**
 * A thread of the lanes `data` and `preview`: reads files, and takes their rows through recipes. An engine is loaded
 * when a step needs one.
 */
if (parentPort === null)
  throw new Error('data-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const { artifactFolder, dataFolder, ingestion, engine } = workerData as DataSettings;
const store = await openFileSystemStore({ root: artifactFolder });
await mkdir(dataFolder, { recursive: true, mode: 0o700 });
await removeStaleFiles(dataFolder, new Date());

const openEngine = async () => (await import('../engine/index.js')).createEngine(engine);
serveJobs(dataService(parentPort, { store, folder: dataFolder, ingestion, openEngine }));
