/**
 * Trains by the product's own recipes, in a process of its own: `node trainer.js SETTINGS RUNS`. Prints a line of JSON:
 * the machine's speed, and what each training took.
 */
import { readFileSync } from 'node:fs';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { measureSpeed } from '../../gpu-worker/training/measure-speed.js';
import { byMethod } from '../../src/protocol/methods/index.js';
import type { MachineSpeed } from '../../src/protocol/training-time/machine-speed.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { peakBytes } from '../peak-bytes.js';
import { train, trainInstructions, trainLanguage, trainPreferences, trainRewards } from '../training.js';
import type { TrainerSettings } from './prepare.js';

/** What a training took, in seconds. */
export interface Took {
  readonly wall: number;
  /** Of all processors together. */
  readonly processor: number;
  /** By what the training told next: of processors. */
  readonly parts: Readonly<Record<string, number>>;
}

export interface TrainerResult {
  /** By the wall's clock, and by that of processors. Null where no time is measured. */
  readonly speed: { readonly wall: MachineSpeed; readonly processor: MachineSpeed } | null;
  readonly took: readonly Took[];
  readonly peakBytes: number;
}

const [path, runs = '1', wantsSpeed] = process.argv.slice(2);
if (path === undefined) throw new Error('trainer.js is started by main.ts: SETTINGS RUNS [speed]');
const { store: root, spec, threads }: TrainerSettings = JSON.parse(readFileSync(path, 'utf8'));
const engine = await createEngine({ target: 'cpu', threads });
const parts = { engine, store: await openFileSystemStore({ root }) };

const processorMilliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const speed =
  wantsSpeed === undefined
    ? null
    : {
        wall: await measureSpeed({ engine, clock: () => performance.now() }),
        processor: await measureSpeed({ engine, clock: processorMilliseconds }),
      };
const took: Took[] = [];
for (let run = 0; run < Number(runs); run++) took.push(await trained());
console.log(JSON.stringify({ speed, took, peakBytes: peakBytes() } satisfies TrainerResult));
process.exit(0);

async function trained(): Promise<Took> {
  const startedAt = { wall: performance.now(), processor: processorMilliseconds() };
  let last = startedAt.processor;
  const spent: Record<string, number> = {};
  const mark = (part: string) => {
    const now = processorMilliseconds();
    spent[part] = (spent[part] ?? 0) + (now - last) / 1e3;
    last = now;
  };
  const watcher: Parameters<typeof train>[2] = {
    status: (status) => mark(status === 'TRAINING' ? 'load' : 'end'),
    checkpoint: () => mark('checkpoints'),
    async events(events) {
      for (const event of events) {
        if (event.kind !== 'metricsRecorded') continue;
        const isUpdate = event.samples.some(({ key }) => key === 'train/loss');
        mark(isUpdate ? (event.step === 1 ? 'first update' : 'updates') : 'evaluations');
      }
    },
  };
  await byMethod<Promise<unknown>>(spec, {
    supervised: (each) => train(parts, each, watcher),
    multiTask: (each) => train(parts, each, watcher),
    languageModelling: (each) => trainLanguage(parts, each, watcher),
    instructionTuning: (each) => trainInstructions(parts, each, watcher),
    policyOptimization: () => Promise.reject(new RangeError('the time of policy optimization is not measured here')),
    rewardModelling: (each) => trainRewards(parts, each, watcher),
    preferenceOptimization: (each) => trainPreferences(parts, each, watcher),
  });
  mark('end');
  return {
    wall: (performance.now() - startedAt.wall) / 1e3,
    processor: (processorMilliseconds() - startedAt.processor) / 1e3,
    parts: spent,
  };
}
