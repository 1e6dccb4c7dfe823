import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { inference, isEncoder } from '../../gpu-worker/architectures/encoder-run.js';
import { tokenStates } from '../../gpu-worker/architectures/transformer.js';
import type { Feeds } from '../../gpu-worker/engine/types.js';
import { readHeadInputs } from '../../gpu-worker/forward/example-source.js';
import { fillParameters } from '../../gpu-worker/forward/initial-values.js';
import { planModel, plannedParameters } from '../../gpu-worker/forward/model-plan.js';
import { outputsOf } from '../../gpu-worker/forward/run-heads.js';
import { crossEntropy } from '../../gpu-worker/losses/cross-entropy.js';
import { openWeights } from '../../gpu-worker/models/model-weights.js';
import { type AdamWOptions, adamwRule } from '../../gpu-worker/optim/coefficients.js';
import type { LoraConfig } from '../../src/protocol/model-manifest.js';
import { readSafetensors } from '../../src/storage/safetensors.js';
import { createTokenizer } from '../../src/tokenizer/index.js';
import { parameterName } from '../numerics/reference/hugging-face/reference.js';
import { openPython, type PythonProcess } from './python-process.js';
import { complaints, labels } from './texts.js';
import { openWorkshop, type StoredModel, type Workshop } from './workshop.js';

const Training = z.object({ losses: z.array(z.number()), states: z.array(z.number()), logits: z.array(z.number()) });

const steps = 50;
const optimizer: AdamWOptions = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};
const lora: LoraConfig = { rank: 8, alpha: 16, rankStabilized: false, dropout: 0, targetModules: ['query', 'value'] };
const task = 'label';
const miniLm = inject('miniLm');

describe.skipIf(miniLm === null)('all-MiniLM-L6-v2 with its real weights', () => {
  let workshop: Workshop;
  let python: PythonProcess;
  let folder: string;
  let model: StoredModel;
  let batches: Awaited<ReturnType<typeof tokenize>>;
  beforeAll(async () => {
    workshop = await openWorkshop();
    python = openPython();
    folder = join(workshop.folder, 'classifier');
    await python.call('classifier', { base: miniLm, folder, labels }, z.tuple([]));
    model = await workshop.import(folder);
    batches = await tokenize(folder);
  });
  afterAll(async () => {
    await python[Symbol.asyncDispose]();
    await workshop[Symbol.asyncDispose]();
  });

  it.each([
    ['all parameters', null],
    ['an adapter', lora],
  ] as const)(`training %s: states, logits, every gradient, and ${steps} steps of AdamW`, async (_, adapter) => {
    const gradientFile = join(workshop.folder, 'gradients.safetensors');
    const adapterFolder = join(workshop.folder, 'adapter');
    const theirs = await python.call(
      'training',
      {
        model: folder,
        steps,
        optimizer,
        batches: batches.map(({ python }) => python),
        gradients: gradientFile,
        adapter: adapterFolder,
        lora:
          adapter === null
            ? null
            : { r: adapter.rank, lora_alpha: adapter.alpha, target_modules: adapter.targetModules, lora_dropout: 0 },
      },
      Training,
    );
    const initial = adapter === null ? new Map<string, Float32Array>() : await adapterTensors(adapterFolder);
    const ours = await train(adapter, initial);

    expectClose(ours.states, theirs.states, 'states', (i) => batches[0]!.feeds.mask[Math.floor(i / 384)] === 1);
    expectClose(ours.logits, theirs.logits, 'logits');
    const gradients = readSafetensors(await readFile(gradientFile)).tensors;
    expect([...ours.gradients.keys()].sort()).toEqual([...gradients.keys()].map(ourName).sort());
    for (const [name, { data }] of gradients) {
      // It moves all scores of a query alike: its gradient is rounding alone.
      if (!name.endsWith('key.bias')) expectClose(ours.gradients.get(ourName(name))!, data, name);
    }
    expect(ours.losses).toHaveLength(steps);
    for (const [step, loss] of theirs.losses.entries()) {
      const difference = Math.abs(ours.losses[step]! - loss);
      expect(difference, `loss ${step}`).toBeLessThanOrEqual(1e-3 * Math.max(loss, 0.1));
    }
  });

  /** The recipe's own parts, on fixed batches and without dropout. */
  async function train(adapter: LoraConfig | null, initial: ReadonlyMap<string, Float32Array>) {
    const head = { kind: 'classification' as const, task, outputs: labels };
    const plan = planModel(model.manifest, [head], {
      pooling: 'firstToken',
      dropout: 0,
      freeze: { kind: 'none' },
      adapter,
    });
    const store = workshop.engine.createParameters(plannedParameters(plan));
    const weights = await openWeights(workshop.store, model.manifest);
    await fillParameters(store, weights, initial);
    await weights.close();
    const read = readHeadInputs(plan.reading);
    const { inputs, feeds } = batches[0]!;
    const { config } = plan.reading;
    if (!isEncoder(config)) throw new Error('MiniLM was taken for another model.');
    const forward = await workshop.engine.compileForward(store, inputs, (parameters, tensors) => ({
      states: tokenStates(parameters, tokensOf(tensors), config, { ...inference, adapter: plan.reading.adapter }),
    }));
    const states = Float32Array.from((await forward.run(feeds)).states!);
    await forward.release();
    const step = await workshop.engine.compileStep(store, inputs, (parameters, tensors, random) => {
      const logits = outputsOf(parameters, head, read(parameters, tensors, random));
      return { loss: crossEntropy(logits, tensors.labels as Tensor), metrics: { logits } };
    });
    const losses: number[] = [];
    let gradients = new Map<string, Float32Array>();
    let logits = new Float32Array(0);
    for (let index = 0; index < steps; index++) {
      const batch = batches[index % batches.length]!;
      const { loss, metrics } = await step.run(batch.feeds, { seed: 1, step: index, scale: 1 });
      losses.push(loss);
      if (index === 0) {
        const trained = store.specs.filter(({ trainable }) => trainable);
        gradients = new Map(trained.map(({ name }) => [name, store.gradient(name).slice()]));
        logits = Float32Array.from(metrics.logits!);
      }
      store.update(adamwRule(optimizer));
    }
    await step.release();
    store.release();
    return { losses, gradients, logits, states };
  }

  /** The matrices that PEFT began with, and its head, which is the model's. */
  async function adapterTensors(path: string): Promise<Map<string, Float32Array>> {
    const { manifest } = await workshop.import(path, model);
    const { tensors } = readSafetensors(await workshop.store.read(manifest.adapter!.weights.digest));
    return new Map([...tensors].map(([name, { data }]) => [name, data]));
  }
});

/** Three batches of eight complaints, one of each kind in turn, padded to the longest; as both sides take them. */
async function tokenize(folder: string) {
  const tokenizer = createTokenizer(await readFile(join(folder, 'tokenizer.json')));
  const examples = complaints.cards.flatMap((_, i) =>
    labels.map((label, target) => ({ text: complaints[label][i]!, target })),
  );
  return [0, 8, 16].map((first) => {
    const chosen = examples.slice(first, first + 8);
    const ids = chosen.map(
      ({ text }) => tokenizer.encodeIds(text, null, { maxLength: 32, truncationSide: 'right' }).ids,
    );
    const T = 24;
    const padded = ids.map((row) => [...row, ...new Array<number>(T - row.length).fill(0)]);
    const mask = ids.map((row) => Array.from({ length: T }, (_, i) => (i < row.length ? 1 : 0)));
    const targets = chosen.map(({ target }) => target);
    const feeds = {
      ids: Int32Array.from(padded.flat()),
      mask: Float32Array.from(mask.flat()),
      labels: Int32Array.from(targets),
    } satisfies Feeds;
    return {
      feeds,
      inputs: {
        ids: { shape: [8, T], dtype: 'int32' },
        mask: { shape: [8, T], dtype: 'float32' },
        labels: { shape: [8], dtype: 'int32' },
      } as const,
      python: { inputs: { input_ids: padded, attention_mask: mask }, labels: targets },
    };
  });
}

function tokensOf({ ids, mask }: Readonly<Record<string, Tensor>>) {
  return { ids: ids as Tensor, mask: mask as Tensor };
}

/** PEFT wraps what it trains; transformers' names are within. */
function ourName(name: string): string {
  const plain = name
    .replace(/^base_model\.model\./, '')
    .replace('.modules_to_save.default', '')
    .replace('.default.weight', '.weight');
  return parameterName('bert', plain, task);
}

/** Within 10⁻⁴ of the largest value. */
function expectClose(
  actual: Float32Array,
  expected: ArrayLike<number>,
  what: string,
  counts: (index: number) => boolean = () => true,
): void {
  expect(actual.length, what).toBe(expected.length);
  let [worst, scale] = [0, 0];
  for (let i = 0; i < actual.length; i++) {
    if (!counts(i)) continue;
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  expect(worst / scale, `${what}: largest difference relative to the largest value`).toBeLessThan(1e-4);
}
