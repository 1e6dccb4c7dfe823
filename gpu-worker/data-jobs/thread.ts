import { freemem } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { systemErrorCode } from '../../src/storage/storage-error.js';
import { removeStaleFiles } from '../../src/storage/temporary-files.js';
import { serveJobs } from '../thread-port.js';
import type { DataSettings } from '../thread-protocol.js';
import { availableMemory } from '../training/available-memory.js';
import { dataService } from './data-service.js';

/**
 * A thread of the lanes `data` and `preview`: reads files, takes their rows through recipes, and looks into models. An
 * engine is loaded when a step needs one.
 */
if (parentPort === null)
  throw new Error('data-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const { artifactFolder, dataFolder, ingestion, keepStepsMs, engine, importing } = workerData as DataSettings;
const store = await openFileSystemStore({ root: artifactFolder });
// The folder is made by the first job: on a disk that is full, that job ends by a problem, and the thread lives.
await removeStaleFiles(dataFolder, new Date()).catch((error: unknown) => {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
});

const openEngine = async () => (await import('../engine/index.js')).createEngine(engine);
const availableBytes = () => availableMemory(freemem());
serveJobs(
  dataService(parentPort, { store, folder: dataFolder, ingestion, keepStepsMs, openEngine, availableBytes, importing }),
);
