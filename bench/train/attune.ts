/**
 * Attune's side: the product's own recipe, evaluation and engine, in turns (turns.ts).
 *
 *   node attune.js train SETTINGS     trains by the product's recipe, again from the start after the last step
 *   node attune.js predict SETTINGS   evaluates a model on the test split, as an evaluation job does
 *   node attune.js peak SETTINGS      the speed of ONNX Runtime's matrix product
 *
 * SETTINGS is a JSON file that measure.ts writes (settings.ts).
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { matMul } from '@tensorflow/tfjs-core';
import { createEngine } from '../../gpu-worker/engine/index.js';
import type { InputSpec } from '../../gpu-worker/engine/types.js';
import { openModel } from '../../gpu-worker/forward/ready-model.js';
import { evaluate } from '../../gpu-worker/short-jobs/evaluate.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { recorded, samplesOf, train } from '../training.js';
import { labelColumn, textColumn } from './data.js';
import type { SideSettings } from './settings.js';
import type { Ended, Evaluation, Turn } from './turns.js';

const [mode, path] = process.argv.slice(2);
if (path === undefined) throw new Error('attune.js is started by measure.ts: MODE SETTINGS');
const settings: SideSettings = JSON.parse(readFileSync(path, 'utf8'));
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const importedBytes = peakBytes();
const engine = await createEngine({ target: 'cpu', threads: settings.threads });

switch (mode) {
  case 'train':
    await trainInTurns(await openFileSystemStore({ root: settings.store }));
    break;
  case 'predict':
    await predict(await openFileSystemStore({ root: settings.store }));
    break;
  case 'peak':
    await peak();
    break;
  default:
    throw new Error(`no mode ${mode}`);
}

async function trainInTurns(store: ArtifactStore): Promise<never> {
  const turns = createTurns();
  answer({ ready: true });
  for (;;) {
    turns.newTraining();
    await turns.wait();
    await train({ engine, store }, settings.spec, turns.watcher);
    turns.handOver();
  }
}

/**
 * The worker's side of the recipe: it measures every step with what leads to it, and lets training wait between turns.
 */
function createTurns() {
  let mark = now();
  let left = 0;
  let evaluations: Evaluation[] = [];
  let turn = emptyTurn(evaluations);
  const watcher: Parameters<typeof train>[2] = {
    // Loading and tokenizing come before: the other side's are outside its steps as well.
    status(status) {
      if (status === 'TRAINING') mark = now();
    },
    // Checkpoints are written on either side, outside its steps.
    checkpoint() {
      mark = now();
    },
    async events(events) {
      for (const samples of samplesOf(events)) {
        const loss = recorded(samples, 'train/loss');
        if (loss !== undefined) await onStep(loss);
        const accuracy = recorded(samples, 'validation/accuracy');
        if (accuracy !== undefined) {
          evaluations.push({ accuracy, loss: recorded(samples, 'validation/loss') ?? Number.NaN });
          mark = now();
        }
      }
    },
  };
  const handOver = () => answer(turn);

  async function wait(): Promise<void> {
    left = await nextCount();
    turn = emptyTurn(evaluations);
    mark = now();
  }

  async function onStep(loss: number): Promise<void> {
    addTime(turn, mark);
    turn.losses.push(loss);
    left -= 1;
    if (left === 0) {
      handOver();
      await wait();
    }
    mark = now();
  }

  return {
    watcher,
    wait,
    handOver,
    newTraining() {
      evaluations = [];
    },
  };
}

async function predict(store: ArtifactStore): Promise<never> {
  const model = await openModel(engine, store, settings.modelDigest);
  const [head] = model.manifest.heads;
  if (head === undefined) throw new Error('The model has no head.');
  const job = {
    datasetDigest: settings.spec.datasetDigest,
    split: settings.spec.validationSplit,
    textColumn,
    pairColumn: null,
    tasks: [{ task: head.task, targetColumns: [labelColumn] }],
  };
  answer({ ready: true });
  for (;;) {
    await nextCount();
    const mark = now();
    const {
      scores: [scores],
    } = await evaluate(model, job, store, () => undefined);
    if (scores?.kind !== 'classification') throw new Error('The head is no classifier.');
    const { accuracy, loss } = scores;
    const turn = emptyTurn([{ accuracy, loss }]);
    addTime(turn, mark);
    answer(turn);
  }
}

async function peak(): Promise<never> {
  const { size } = settings;
  const values = () => Float32Array.from({ length: size * size }, () => Math.random());
  const store = engine.createParameters([], new Map());
  const input: InputSpec = { shape: [size, size], dtype: 'float32' };
  const product = await engine.compileForward(store, { left: input, right: input }, (_, { left, right }) => ({
    product: matMul(left!, right!),
  }));
  const feeds = { left: values(), right: values() };
  answer({ ready: true });
  for (;;) {
    await nextCount();
    const mark = now();
    await product.run(feeds);
    const turn = emptyTurn([]);
    addTime(turn, mark);
    answer(turn);
  }
}

/** The next command's number, NaN where it has none. At `end`, and at the end of commands, the process exits. */
async function nextCount(): Promise<number> {
  const line = await commands.next();
  const [name, count] = line.done ? ['end'] : line.value.split(' ');
  if (name === 'end') {
    answer({ peakBytes: peakBytes(), importedBytes });
    process.exit(0);
  }
  return Number(count);
}

function now() {
  return { wall: performance.now(), processor: process.cpuUsage() };
}

/** Adds to a turn what has passed since `mark`. */
function addTime(turn: Turn, mark: ReturnType<typeof now>): void {
  turn.milliseconds.push(performance.now() - mark.wall);
  const { user, system } = process.cpuUsage(mark.processor);
  turn.processorMilliseconds.push((user + system) / 1e3);
}

function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
}

/** @param evaluations of the training so far */
function emptyTurn(evaluations: Evaluation[]): Turn {
  return { milliseconds: [], processorMilliseconds: [], losses: [], evaluations };
}

function answer(value: { readonly ready: true } | Turn | Ended): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
