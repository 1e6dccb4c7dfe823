import { readFileSync } from 'node:fs';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../gpu-worker/architectures/use-lite.js';
import { createEngine, type Engine, type ParameterSpec } from '../../../gpu-worker/engine/index.js';
import { headOutputs } from '../../../gpu-worker/heads/index.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { convertUseLite, findUseLitePackage } from '../../../src/models/bundled/use-lite.js';
import { useLiteConfig } from '../../../src/models/bundled/use-lite-weights.js';
import type { UseLiteConfig } from '../../../src/protocol/architectures/index.js';

const readReference = (name: string) =>
  JSON.parse(readFileSync(new URL(`../reference/${name}.reference.json`, import.meta.url), 'utf8'));
const float32 = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);

/** Largest difference of two arrays of one length. */
function distance(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  return actual.reduce((most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? Number.NaN))), 0);
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ target: 'cpu', threads: 2 });
});
afterAll(() => engine.release());

describe('the published weights', () => {
  interface Reference {
    readonly text: string;
    readonly ids: number[];
    readonly output: string;
    readonly firstState?: string;
    readonly lastState?: string;
  }
  const references: Reference[] = readReference('use-lite').references;
  const B = references.length;
  const T = useLiteConfig.maxPositions;

  it('give the published graph’s outputs, padded in one batch', async () => {
    const { tensors } = await convertUseLite(findUseLitePackage());
    const specs = [...tensors].map(([name, { shape }]) => ({ name, shape, trainable: false, decay: false }));
    const store = engine.createParameters(specs, new Map([...tensors].map(([name, { data }]) => [name, data])));
    const forward = await engine.compileForward(
      store,
      { ids: { shape: [B, T], dtype: 'int32' }, mask: { shape: [B, T], dtype: 'float32' } },
      (parameters, inputs) => {
        const { output, tokenStates } = encode(parameters, { ids: inputs.ids!, mask: inputs.mask! }, useLiteConfig);
        return { output, tokenStates };
      },
    );
    const ids = new Int32Array(B * T);
    const mask = new Float32Array(B * T);
    for (const [row, reference] of references.entries()) {
      const kept = reference.ids.slice(0, T);
      ids.set(kept, row * T);
      mask.fill(1, row * T, row * T + kept.length);
    }
    const results = await forward.run({ ids, mask });
    const { output, tokenStates } = results as Record<string, Float32Array>;
    for (const [row, reference] of references.entries()) {
      const width = useLiteConfig.outputSize;
      const got = output!.subarray(row * width, (row + 1) * width);
      expect(distance(got, float32(reference.output)), reference.text).toBeLessThan(1e-5);
      const state = (position: number) => {
        const start = (row * T + position) * useLiteConfig.hiddenSize;
        return tokenStates!.subarray(start, start + useLiteConfig.hiddenSize);
      };
      // States are not normalized: they go up to 30.
      if (reference.firstState === undefined || reference.lastState === undefined) continue;
      expect(distance(state(0), float32(reference.firstState)), reference.text).toBeLessThan(1e-4);
      const last = Math.min(reference.ids.length, T) - 1;
      expect(distance(state(last), float32(reference.lastState)), reference.text).toBeLessThan(1e-4);
    }
    await forward.release();
    store.release();
  });
});

describe('gradients', () => {
  const reference = readReference('use-lite-gradients');
  const { V, E, H, I, A, L, O } = reference.sizes;
  const [B, T] = [reference.ids.length, reference.ids[0].length];
  const config: UseLiteConfig = {
    architecture: 'use-lite',
    vocabularySize: V,
    embeddingSize: E,
    hiddenSize: H,
    intermediateSize: I,
    attentionHeads: A,
    layers: L,
    layerNormEpsilon: 1e-6,
    maxPositions: T,
    outputSize: O,
  };
  const tensors: [string, { shape: number[]; value: string; gradient: string | null }][] = Object.entries(
    reference.tensors,
  );
  const feeds = {
    ids: Int32Array.from(reference.ids.flat()),
    mask: Float32Array.from(reference.mask.flat()),
    targets: Int32Array.from(reference.targets),
  };

  function createStore(isTrained: (name: string) => boolean) {
    const specs = tensors.map(
      ([name, { shape, gradient }]): ParameterSpec => ({
        name,
        shape,
        trainable: gradient !== null && isTrained(name),
        decay: false,
      }),
    );
    return engine.createParameters(specs, new Map(tensors.map(([name, { value }]) => [name, float32(value)])));
  }

  function compile(store: ReturnType<typeof createStore>) {
    return engine.compileStep(
      store,
      {
        ids: { shape: [B, T], dtype: 'int32' },
        mask: { shape: [B, T], dtype: 'float32' },
        targets: { shape: [B], dtype: 'int32' },
      },
      (parameters, inputs) => {
        const { pooled } = encode(parameters, { ids: inputs.ids!, mask: inputs.mask! }, config);
        const logits: Tensor = headOutputs(parameters, 'intent', pooled);
        return { loss: crossEntropy(logits, inputs.targets!) };
      },
    );
  }

  it('equal PyTorch’s for every parameter, with repeated ids, padding and an empty text', async () => {
    const store = createStore(() => true);
    const step = await compile(store);
    const { loss } = await step.run(feeds, { seed: 0, step: 0, scale: 1 });
    expect(loss).toBeCloseTo(reference.loss, 5);
    for (const [name, { gradient }] of tensors) {
      if (gradient === null) continue;
      expect(distance(store.gradient(name), float32(gradient)), name).toBeLessThan(1e-5);
    }
    await step.release();
    store.release();
  });

  it('have equal bytes in twenty repetitions on two threads', async () => {
    const store = createStore(() => true);
    const step = await compile(store);
    const seen = new Set<string>();
    for (let repetition = 0; repetition < 20; repetition++) {
      store.zeroGradients();
      await step.run(feeds, { seed: 0, step: 0, scale: 1 });
      const bytes = tensors
        .filter(([, { gradient }]) => gradient !== null)
        .map(([name]) => Buffer.from(Float32Array.from(store.gradient(name)).buffer).toString('base64'));
      seen.add(bytes.join());
    }
    expect(seen.size).toBe(1);
    await step.release();
    store.release();
  });

  it('of what is trained above a frozen prefix are the same', async () => {
    const isAbove = (name: string) => name.startsWith('encoder.layers.1') || /^(pooler|heads)/.test(name);
    const store = createStore(isAbove);
    const step = await compile(store);
    await step.run(feeds, { seed: 0, step: 0, scale: 1 });
    for (const [name, { gradient }] of tensors) {
      if (gradient === null || !isAbove(name)) continue;
      expect(distance(store.gradient(name), float32(gradient)), name).toBeLessThan(1e-5);
    }
    await step.release();
    store.release();
  });
});
