/**
 * Attune's side: the worker's own recipe and evaluation.
 *
 *   node attune.js SETTINGS
 *
 * SETTINGS is a JSON file that measure.ts writes (side.ts).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { trainSupervised } from '../../gpu-worker/recipes/supervised.js';
import { evaluate } from '../../gpu-worker/short-jobs/evaluate.js';
import { openModel } from '../../gpu-worker/short-jobs/ready-model.js';
import type { JobContext } from '../../gpu-worker/thread-port.js';
import { availableMemory } from '../../gpu-worker/training/memory-estimate.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { measuresOf } from './measures.js';
import type { SideResult, SideSettings } from './side.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by measure.ts: SETTINGS');
const { spec, tasks, ...settings }: SideSettings = JSON.parse(readFileSync(path, 'utf8'));

/** A job that nobody watches or stops. */
const context: JobContext = {
  resume: null,
  olderCheckpoints: [],
  storageLeftBytes: null,
  requested: () => null,
  beat: () => undefined,
  status: () => undefined,
  checkpoint: () => undefined,
  wentBack: () => undefined,
  progressed: () => undefined,
  discard: () => undefined,
  log: () => undefined,
  events: async () => undefined,
};

const engine = await createEngine({ target: 'cpu', threads: settings.threads });
const store = await openFileSystemStore({ root: settings.store });
const tools = { engine, store, clock: () => performance.now(), availableBytes: () => availableMemory(freemem()) };

const [startedAt, processorBefore] = [performance.now(), process.cpuUsage()];
const { model } = await trainSupervised({ runId: crypto.randomUUID(), spec, context }, tools);
const seconds = (performance.now() - startedAt) / 1e3;
const { user, system } = process.cpuUsage(processorBefore);

const job = {
  datasetDigest: spec.datasetDigest,
  split: 'test',
  textColumn: settings.textColumn,
  pairColumn: settings.pairColumn,
  tasks: tasks.map(({ task, column }) => ({ task, targetColumns: [column] })),
};
const { scores } = await evaluate(await openModel(engine, store, model.digest), job, store, () => undefined);
const result: SideResult = {
  seconds,
  processorSeconds: (user + system) / 1e6,
  scores: Object.fromEntries(scores.map((each) => [each.task, measuresOf(each)])),
};
writeFileSync(settings.result, JSON.stringify(result));
process.exit(0);
