/**
 * Attune's side: the product's own recipes of language modelling and of classifiers, in turns (../train/turns.ts).
 *
 *   node attune.js SETTINGS     trains, and ends when it is told to
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { recorded, samplesOf, train, trainLanguage } from '../training.js';
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
answer({ ready: true });
await wait();
const watcher: Parameters<typeof train>[2] = {
  status(status) {
    if (status === 'TRAINING') mark = now();
  },
  checkpoint() {
    mark = now();
  },
  async events(events) {
    for (const samples of samplesOf(events)) {
      const loss = recorded(samples, 'train/loss');
      // The evaluation before the first update is in nobody's turn.
      if (loss === undefined) mark = now();
      else await onStep(loss);
    }
  },
};
const { spec } = settings;
if (spec.method === 'supervised') await train({ engine, store }, spec, watcher);
else await trainLanguage({ engine, store }, spec, watcher);
throw new Error('The texts have ended before the turns.');

async function onStep(loss: number): Promise<void> {
  turn.milliseconds.push(performance.now() - mark.wall);
  const { user, system } = process.cpuUsage(mark.processor);
  turn.processorMilliseconds.push((user + system) / 1e3);
  turn.losses.push(loss);
  left -= 1;
  if (left === 0) {
    answer(turn);
    await wait();
  }
  mark = now();
}

async function wait(): Promise<void> {
  const line = await commands.next();
  const [name, count] = line.done ? ['end'] : line.value.split(' ');
  if (name === 'end') {
    answer({ peakBytes: peakBytes(), importedBytes });
    process.exit(0);
  }
  left = Number(count);
  turn = emptyTurn();
  mark = now();
}

function emptyTurn() {
  return { milliseconds: [] as number[], processorMilliseconds: [] as number[], losses: [] as number[] };
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
