/**
 * Attune's side: the product's own recipes of reward models, preference optimization and policy optimization, in turns
 * (../train/turns.ts).
 *
 *   node attune.js SETTINGS     trains, and ends when it is told to
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEngine } from '../../gpu-worker/engine/index.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { recorded, samplesOf, trainPolicy, trainPreferences, trainRewards } from '../training.js';
import type { SideSettings } from './settings.js';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by main.ts: SETTINGS');
const settings: SideSettings = JSON.parse(readFileSync(path, 'utf8'));
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const importedBytes = peakBytes();
const engine = await createEngine({ target: 'cpu', threads: settings.threads });
const store = await openFileSystemStore({ root: settings.store });

let left = 0;
let turn = emptyTurn();
let mark = now();
let evaluation: { readonly accuracy: number; readonly loss: number } | null = null;
answer({ ready: true });
await wait();
const watcher: Parameters<typeof trainPolicy>[2] = {
  status(status) {
    if (status === 'TRAINING') mark = now();
  },
  checkpoint() {
    mark = now();
  },
  async events(events) {
    for (const samples of samplesOf(events)) {
      const loss = recorded(samples, 'train/loss') ?? recorded(samples, 'train/policyLoss');
      if (loss === undefined) onEvaluation(samples);
      else await onStep(loss, recorded(samples, 'train/length'));
    }
  },
};
const parts = { engine, store };
const { spec } = settings;
switch (spec.method) {
  case 'rewardModelling':
    await trainRewards(parts, spec, watcher);
    break;
  case 'preferenceOptimization':
    await trainPreferences(parts, spec, watcher);
    break;
  case 'policyOptimization':
    await trainPolicy(parts, spec, watcher);
    break;
  default:
    spec satisfies never;
}
if (left > 0) throw new Error('The rows have ended before the turns.');
// A pass was asked for: it is what the run measured at its end.
answer({ milliseconds: [performance.now() - mark.wall], evaluations: evaluation === null ? [] : [evaluation] });
await wait();

/** What is measured on held-out rows is in nobody's turn. */
function onEvaluation(samples: readonly MetricSample[]): void {
  const [accuracy, loss] = [recorded(samples, 'validation/accuracy'), recorded(samples, 'validation/loss')];
  if (accuracy !== undefined && loss !== undefined) evaluation = { accuracy, loss };
  if (left > 0) mark = now();
}

async function onStep(loss: number, length: number | undefined): Promise<void> {
  turn.milliseconds.push(performance.now() - mark.wall);
  const { user, system } = process.cpuUsage(mark.processor);
  turn.processorMilliseconds.push((user + system) / 1e3);
  turn.losses.push(loss);
  if (length !== undefined) turn.lengths.push(length);
  left -= 1;
  if (left === 0) {
    answer(turn);
    await wait();
  }
  mark = now();
}

/** Waits for a command; a turn of steps, or a pass, goes on with the training. */
async function wait(): Promise<void> {
  const line = await commands.next();
  const [name, count] = line.done ? ['end'] : line.value.split(' ');
  if (name === 'end') {
    answer({ peakBytes: peakBytes(), importedBytes });
    process.exit(0);
  }
  left = name === 'steps' ? Number(count) : 0;
  turn = emptyTurn();
  mark = now();
}

function emptyTurn() {
  return {
    milliseconds: [] as number[],
    processorMilliseconds: [] as number[],
    losses: [] as number[],
    lengths: [] as number[],
  };
}

function now() {
  return { wall: performance.now(), processor: process.cpuUsage() };
}

function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
