/**
 * Attune's side: the product's own recipe, evaluation and engine, in turns (turns.mjs).
 *
 *   node attune.mjs train SETTINGS     trains by `trainSupervised`, again from the start after the last step
 *   node attune.mjs predict SETTINGS   evaluates a model on the test split, as an evaluation job does
 *   node attune.mjs peak SETTINGS      the speed of ONNX Runtime's matrix product
 *
 * SETTINGS is a JSON file that measure.mjs writes.
 */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { createInterface } from 'node:readline';
import { matMul } from '@tensorflow/tfjs-core';
import { createEngine } from '../../dist/gpu-worker/engine/index.js';
import { trainSupervised } from '../../dist/gpu-worker/recipes/sft.js';
import { evaluate } from '../../dist/gpu-worker/short-jobs/evaluate.js';
import { openModel } from '../../dist/gpu-worker/short-jobs/ready-model.js';
import { availableMemory } from '../../dist/gpu-worker/training/memory-estimate.js';
import { openFileSystemStore } from '../../dist/src/storage/file-system-store.js';

const [mode, path] = process.argv.slice(2);
const settings = JSON.parse(readFileSync(path, 'utf8'));
const commands = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const importedBytes = peakBytes();
const engine = await createEngine({ target: 'cpu', threads: settings.threads });

switch (mode) {
  case 'train':
    await train(await openFileSystemStore({ root: settings.store }));
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

async function train(store) {
  const tools = { engine, store, clock: () => performance.now(), availableBytes: () => availableMemory(freemem()) };
  const turns = createTurns();
  answer({ ready: true });
  for (;;) {
    turns.newTraining();
    await turns.wait();
    await trainSupervised({ runId: crypto.randomUUID(), spec: settings.spec, context: turns.context }, tools);
    turns.handOver();
  }
}

/** The worker's side of the recipe: it measures every step with what leads to it, and lets training wait between turns. */
function createTurns() {
  let [wall, processor] = [0, process.cpuUsage()];
  let left = 0;
  let evaluations = [];
  let turn = emptyTurn(evaluations);
  const mark = () => {
    wall = performance.now();
    processor = process.cpuUsage();
  };
  const turns = {
    newTraining() {
      evaluations = [];
    },
    async wait() {
      const { count } = await nextCommand();
      left = count;
      turn = emptyTurn(evaluations);
      mark();
    },
    handOver: () => answer(turn),
    context: {
      resume: null,
      requested: () => null,
      beat: () => undefined,
      // Loading and tokenizing come before: the other side's are outside its steps as well.
      status: (status) => {
        if (status === 'TRAINING') mark();
      },
      // Checkpoints are written on either side, outside its steps.
      checkpoint: mark,
      log: () => undefined,
      async events(events) {
        for (const event of events) {
          if (event.kind !== 'metricsRecorded') continue;
          const values = new Map(event.samples.map(({ key, value }) => [key, value]));
          if (values.has('train/loss')) await onStep(values.get('train/loss'));
          if (values.has('validation/accuracy')) {
            evaluations.push({ accuracy: values.get('validation/accuracy'), loss: values.get('validation/loss') });
            mark();
          }
        }
      },
    },
  };
  async function onStep(loss) {
    turn.milliseconds.push(performance.now() - wall);
    turn.processorMilliseconds.push(processorMilliseconds(processor));
    turn.losses.push(loss);
    left -= 1;
    if (left === 0) {
      turns.handOver();
      await turns.wait();
    }
    mark();
  }
  return turns;
}

async function predict(store) {
  const model = await openModel(engine, store, settings.modelDigest);
  const [head] = model.manifest.heads;
  const job = {
    datasetDigest: settings.spec.datasetDigest,
    split: settings.spec.validationSplit,
    textColumn: settings.spec.textColumn,
    pairColumn: null,
    tasks: [{ task: head.task, labelColumn: settings.spec.labelColumn }],
  };
  answer({ ready: true });
  for (;;) {
    await nextCommand();
    const [wall, processor] = [performance.now(), process.cpuUsage()];
    const [{ accuracy, loss }] = await evaluate(model, job, store, () => undefined);
    const turn = {
      milliseconds: [performance.now() - wall],
      processorMilliseconds: [processorMilliseconds(processor)],
    };
    answer({ ...turn, losses: [], evaluations: [{ accuracy, loss }] });
  }
}

async function peak() {
  const { size } = settings;
  const values = () => Float32Array.from({ length: size * size }, () => Math.random());
  const store = engine.createParameters([], new Map());
  const input = { shape: [size, size], dtype: 'float32' };
  const product = await engine.compileForward(store, { left: input, right: input }, (_, { left, right }) => ({
    product: matMul(left, right),
  }));
  const feeds = { left: values(), right: values() };
  answer({ ready: true });
  for (;;) {
    await nextCommand();
    const wall = performance.now();
    await product.run(feeds);
    answer({ milliseconds: [performance.now() - wall] });
  }
}

async function nextCommand() {
  const { value = 'end' } = await commands.next();
  const [name, count] = value.split(' ');
  if (name === 'end') {
    answer({ peakBytes: peakBytes(), importedBytes });
    process.exit(0);
  }
  return { name, count: Number(count) };
}

function peakBytes() {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

/** @param evaluations of the training so far */
function emptyTurn(evaluations) {
  return { milliseconds: [], processorMilliseconds: [], losses: [], evaluations };
}

function processorMilliseconds(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e3;
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
