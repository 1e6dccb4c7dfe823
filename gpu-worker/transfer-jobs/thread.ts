import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { certify } from '../certificate/certify.js';
import { createEngine } from '../engine/index.js';
import { exportModel } from '../hugging-face/export-model.js';
import { makeModel } from '../hugging-face/fresh/make-model.js';
import { importModel } from '../hugging-face/import-model.js';
import { serveJobs } from '../thread-port.js';
import type { TransferSettings } from '../thread-protocol.js';
import { availableMemory } from '../training/available-memory.js';
import { transfer } from './transfer-jobs.js';
import { withinQuota } from './within-quota.js';

/**
 * A thread of the transfer lane: reads, converts and hashes gigabytes. It has an engine only while it runs what it
 * exported.
 */
if (parentPort === null)
  throw new Error('transfer-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const { artifactFolder, downloadFolder, hub, importFolders, threads } = workerData as TransferSettings;
const store = await openFileSystemStore({ root: artifactFolder });

serveJobs({
  port: parentPort,
  engine: null,
  run: ({ payload }, context) =>
    transfer(payload, context, {
      importModel({ source, ...job }, { storageLeftBytes, ...hooks }) {
        const tools = {
          ...withinQuota(store, storageLeftBytes),
          hub,
          importFolders,
          downloadFolder,
          memoryBytes: availableMemory(freemem()),
          ...hooks,
        };
        return source.kind === 'configuration'
          ? makeModel({ source, ...job }, { ...tools, freeDiskBytes })
          : importModel({ source, ...job }, tools);
      },
      exportModel: (job, { storageLeftBytes, ...hooks }) =>
        exportModel(job, {
          store: withinQuota(store, storageLeftBytes).store,
          certify: (written, onProgress) =>
            certify(written, {
              store,
              // The same on every machine, whatever trains there.
              openEngine: () => createEngine({ target: 'cpu', threads }),
              availableBytes: () => availableMemory(freemem()),
              folder: join(artifactFolder, 'tmp'),
              onProgress,
            }),
          ...hooks,
        }),
    }),
  release: async () => undefined,
});

/** What the disk of the artifacts has left for this process. */
async function freeDiskBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(artifactFolder);
  return bavail * bsize;
}
