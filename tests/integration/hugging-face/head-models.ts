import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { headOf, headShapes } from '../../../gpu-worker/heads/index.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { createShortJobs } from '../../../gpu-worker/short-jobs/short-jobs.js';
import type { ModelHead } from '../../../src/protocol/heads.js';
import type { TextPrediction } from '../../../src/protocol/job.js';
import { type ModelManifest, manifestBytes } from '../../../src/protocol/model-manifest.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { type Family, modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import { draw, numbers } from '../../numerics/reference/numbers.js';
import { fromFolder, type Workshop } from './import-tools.js';

/** Heads of the kinds that are more than one class of several. Numbers have means and scales of very different size. */
export const someHeads = {
  multiLabel: {
    kind: 'multiLabel',
    task: 'topics',
    labels: ['cards', 'transfers', 'fees', 'cash: abroad'],
    thresholds: [0.5, 0.31, 0.625, 0.2],
  },
  regression: {
    kind: 'regression',
    task: 'cost',
    outputs: ['price', 'share'],
    means: [250.5, 0.03],
    scales: [41.25, 0.007],
  },
  tokenClassification: {
    kind: 'tokenClassification',
    task: 'entities',
    labels: ['O', 'B-WHO', 'I-WHO', 'B-WHAT', 'I-WHAT'],
    scheme: 'iob2',
  },
  classification: { kind: 'classification', task: 'urgent', labels: ['no', 'yes'] },
} as const;

export const texts = ['My card has not arrived', 'Why was I charged a fee for this transfer?', 'cash'];

export function headsOf(...kinds: (keyof typeof someHeads)[]): ModelHead[] {
  return structuredClone(kinds.map((kind) => someHeads[kind])) as unknown as ModelHead[];
}

/** A reference model with other heads, their weights drawn. */
export async function writeModel(
  workshop: Workshop,
  family: Family,
  heads: readonly ModelHead[],
  changed: Partial<ModelManifest> = {},
): ReturnType<typeof withHeads> {
  const base = await importModel(fromFolder(fileURLToPath(modelFolder(family))), workshop.tools);
  return await withHeads(workshop, base.manifest, heads, changed);
}

/** A model with other heads, their weights drawn, that cuts texts to twelve tokens. */
export async function withHeads(
  { store }: Workshop,
  base: ModelManifest,
  heads: readonly ModelHead[],
  changed: Partial<ModelManifest> = {},
): Promise<{ readonly digest: string; readonly manifest: ModelManifest; readonly tensors: Map<string, Tensor> }> {
  const stored = readSafetensors(await store.read(base.weights.digest)).tensors;
  const tensors = new Map([...stored].filter(([name]) => !name.startsWith('heads.')));
  for (const [name, tensor] of drawHeads(base.config, heads)) tensors.set(name, tensor);
  const weights = await store.write(writeSafetensors(tensors));
  const manifest: ModelManifest = { ...base, weights, heads: [...heads], maxLength: 12, ...changed };
  return { digest: (await store.write(manifestBytes(manifest))).digest, manifest, tensors };
}

export function drawHeads(config: ModelManifest['config'], heads: readonly ModelHead[]): [string, Tensor][] {
  const stream = numbers(29);
  return heads
    .flatMap((head) => headShapes(headOf(head), config))
    .map(({ name, shape }) => {
      const count = shape.reduce((all, size) => all * size, 1);
      return [name, { shape: [...shape], data: draw(stream, count, 2) }];
    });
}

/** What Attune says of the texts. */
export async function predictions(engine: Engine, workshop: Workshop, modelDigest: string): Promise<TextPrediction[]> {
  const jobs = createShortJobs(engine, workshop.store, 1e9);
  try {
    const job = { kind: 'predict', modelDigest, texts, pairs: null } as const;
    const outcome = await jobs.run(job, recordingContext().context);
    if (outcome.kind !== 'finished' || outcome.result.kind !== 'predict') throw new Error(JSON.stringify(outcome));
    return outcome.result.predictions;
  } finally {
    await jobs.release();
  }
}

/** Both say the same: words and labels equal, numbers within 10⁻⁴ of their size. */
export function expectSame(actual: unknown, expected: unknown, path = 'prediction'): void {
  if (typeof expected === 'number' && typeof actual === 'number') {
    expect(Math.abs(actual - expected), path).toBeLessThanOrEqual(1e-4 * Math.max(Math.abs(expected), 1e-3));
  } else if (typeof expected === 'object' && expected !== null && typeof actual === 'object' && actual !== null) {
    expect(Object.keys(actual), path).toEqual(Object.keys(expected));
    const [own, others]: Record<string, unknown>[] = [{ ...actual }, { ...expected }];
    for (const [key, value] of Object.entries(others!)) expectSame(own![key], value, `${path}.${key}`);
  } else expect(actual, path).toEqual(expected);
}
