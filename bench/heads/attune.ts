/**
 * Attune's side: the worker's own recipe and evaluation.
 *
 *   node attune.js SETTINGS
 *
 * SETTINGS is a JSON file that measure.ts writes (side.ts).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { openModel } from '../../gpu-worker/forward/ready-model.js';
import { evaluate } from '../../gpu-worker/short-jobs/evaluate.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { train } from '../training.js';
import { measuresOf } from './measures.js';
import type { SideResult, SideSettings } from './side.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by measure.ts: SETTINGS');
const { spec, tasks, ...settings }: SideSettings = JSON.parse(readFileSync(path, 'utf8'));

const engine = await createEngine({ target: 'cpu', threads: settings.threads });
const store = await openFileSystemStore({ root: settings.store });

const [startedAt, processorBefore] = [performance.now(), process.cpuUsage()];
const { model } = await train({ engine, store }, spec);
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
