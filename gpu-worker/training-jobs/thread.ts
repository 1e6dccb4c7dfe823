import { freemem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { createEngine } from '../engine/index.js';
import { serveJobs } from '../thread-port.js';
import type { ThreadSettings } from '../thread-protocol.js';
import { availableMemory } from '../training/available-memory.js';
import { collectGarbage } from '../training/collect-garbage.js';
import { measureSpeed } from '../training/measure-speed.js';
import type { TrainingTools } from '../training/training-tools.js';
import { train } from './train.js';

/** The training lane's thread: one run at a time, on the engine the worker was told to use. */
if (parentPort === null)
  throw new Error('training-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const settings = workerData as ThreadSettings;
const engine = await createEngine(settings.engine);
const tools: TrainingTools = {
  engine,
  store: await openFileSystemStore({ root: settings.artifactFolder }),
  clock: () => performance.now(),
  availableBytes: () => availableMemory(freemem()),
  services: settings.services,
};

serveJobs({
  port: parentPort,
  engine: engine.choice,
  async run({ payload }, context) {
    if (payload.kind !== 'train') throw new RangeError(`the training lane does no ${payload.kind} jobs`);
    try {
      return await train(payload, context, tools);
    } finally {
      collectGarbage();
    }
  },
  async measure() {
    try {
      return await measureSpeed(tools);
    } finally {
      collectGarbage();
    }
  },
  release: () => engine.release(),
});
