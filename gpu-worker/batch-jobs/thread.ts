import { mkdir } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { removeStaleFiles } from '../../src/storage/temporary-files.js';
import { createEngine } from '../engine/index.js';
import { ProblemError } from '../problem-error.js';
import { RunStopped } from '../run-stopped.js';
import { serveJobs } from '../thread-port.js';
import type { BatchSettings, JobOutcome } from '../thread-protocol.js';
import { evaluatePreferences } from './evaluate-preferences.js';
import { evaluateTokens } from './evaluate-tokens.js';
import { makeItems } from './make-items.js';
import { predictBatch } from './predict-batch.js';
import { scoreSamples } from './score-samples.js';

/**
 * The batch lane's thread: predicts for whole datasets and files, scores language models, makes items of
 * feedback tasks and samples that are scored, while single predictions need not wait for it.
 */
if (parentPort === null)
  throw new Error('batch-jobs/thread.ts runs as a worker thread; start gpu-worker/main.ts instead');

const { engine: chosen, artifactFolder, batchFolder, services } = workerData as BatchSettings;
const store = await openFileSystemStore({ root: artifactFolder });
await mkdir(batchFolder, { recursive: true, mode: 0o700 });
await removeStaleFiles(batchFolder, new Date());
const engine = await createEngine(chosen);

serveJobs({
  port: parentPort,
  engine: engine.choice,
  async run({ payload, attempt }, context): Promise<JobOutcome> {
    const tools = { engine, store, folder: batchFolder, now: () => performance.now() };
    try {
      if (payload.kind === 'predictBatch') return await predictBatch(payload, attempt, context, tools);
      if (payload.kind === 'evaluate' && payload.tokens !== undefined)
        return await evaluateTokens(payload, payload.tokens, context, tools);
      if (payload.kind === 'evaluate' && payload.preferenceReading !== undefined)
        return await evaluatePreferences(payload, payload.preferenceReading, context, tools);
      if (payload.kind === 'makeItems') return await makeItems(payload, attempt, context, tools);
      if (payload.kind === 'scoreSamples') return await scoreSamples(payload, attempt, context, { ...tools, services });
      throw new RangeError(`the batch lane does no ${payload.kind} jobs`);
    } catch (error) {
      if (error instanceof RunStopped) return { kind: 'stopped', reason: error.reason };
      if (error instanceof ProblemError) return { kind: 'failed', problem: error.problem };
      throw error;
    }
  },
  release: () => engine.release(),
});
