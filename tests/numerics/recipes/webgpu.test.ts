import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { RunSpec } from '../../../src/protocol/methods/index.js';
import { multiTaskSpec, supervisedSpec, task } from '../../support/specs.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, sentences, writeDataset } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

/** SwiftShader, a Vulkan driver in software: Debian's chromium brings it. The loader is Debian's libvulkan1. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(swiftShader)) process.env.VK_ICD_FILENAMES = swiftShader;

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let webgpu: Engine | undefined;
let missing = '';
let baseModelDigest: string;
let datasetDigest: string;
beforeAll(async () => {
  workshop = await openWorkshop();
  baseModelDigest = await writeTinyEncoder(workshop.store, 'bert');
  datasetDigest = await writeDataset(workshop.store, workshop.folder, sentences(32, { maxFiller: 5 }));
  try {
    webgpu = await createEngine({ target: 'webgpu', threads: 1 });
  } catch (error) {
    missing = error instanceof Error ? error.message : String(error);
  }
});
afterAll(async () => {
  await webgpu?.release();
  await workshop[Symbol.asyncDispose]();
});

/** One update of 24 examples, at once and at the full learning rate; every dropout as BERT's configuration has it. */
const oneStep: Hyperparameters = {
  ...defaults,
  epochs: 1,
  batchSize: 24,
  maxLength: 12,
  pooling: 'firstToken',
  dropout: null,
  warmupRatio: 0,
  schedule: 'constant',
};
const supervised = (): RunSpec =>
  supervisedSpec({
    baseModelDigest,
    datasetDigest,
    labelColumn: 'colour',
    labels: ['blue', 'red'],
    hyperparameters: oneStep,
  });
const multiTask = (): RunSpec =>
  multiTaskSpec({
    baseModelDigest,
    datasetDigest,
    tasks: [task('colour', ['blue', 'red']), task('animal', ['cat', 'dog'])],
    lossWeighting: 'uncertainty',
    hyperparameters: { ...oneStep, adapter: lora, pooling: 'mean' },
  });

test.for<[string, () => RunSpec]>([
  ['supervised', supervised],
  ['multi-task, with an adapter and mean-pooled heads', multiTask],
])('WebGPU makes the step that the CPU makes: %s', { timeout: 300_000 }, async ([, spec], context) => {
  const gpu = webgpu;
  if (gpu === undefined) return context.skip(`no WebGPU here: ${missing}`);
  const measured = async (engine: Engine) => {
    const recorded = recordingContext();
    const job = { kind: 'train' as const, runId: '0b0f3f4e-2f1c-4d6e-9c55-0b1a6d0f3c11', spec: spec() };
    const outcome = await train(job, recorded.context, { ...workshop.tools, engine });
    expect(outcome.kind).toBe('finished');
    return Object.fromEntries(
      ['train/loss', 'train/gradientNorm', 'validation/loss'].map((key) => [key, [...recorded.series(key)]]),
    );
  };
  const [expected, actual] = [await measured(workshop.tools.engine), await measured(gpu)];
  for (const [key, [point]] of Object.entries(expected)) {
    const [step, value] = point as [number, number];
    expect(actual[key]?.[0]?.[0], key).toBe(step);
    // Were one element of a dropout mask different, this would be off by percents.
    expect(actual[key]?.[0]?.[1], key).toBeCloseTo(value, 3);
  }
});
