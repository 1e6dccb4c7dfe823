import '@tensorflow/tfjs-backend-cpu';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { createParameterStore } from '../../../gpu-worker/engine/parameters.js';
import type { ParameterStore } from '../../../gpu-worker/engine/types.js';
import { adamwCoefficients, adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { learningRate } from '../../../gpu-worker/optim/schedules.js';
import type { LearningRateSchedule } from '../../../src/protocol/hyperparameters.js';
import reference from '../reference/adamw.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';
import { adamw } from './adamw-reference.js';

type Values = Record<keyof typeof reference.shapes, Float32Array>;
const names = ['weight', 'bias', 'table'] as const;
const specs = names.map((name) => ({
  name,
  shape: reference.shapes[name],
  trainable: true,
  decay: name !== 'bias',
}));

interface Gradients {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly tableRows: Float32Array;
}

/** All micro-batches' gradients of all updates, in the order in which the reference draws them. */
function gradientsOf(seed: number): Gradients[][] {
  const stream = numbers(seed);
  draw(stream, 35 + 7 + 33); // the starting values
  return Array.from({ length: reference.updates }, () => {
    const scale = 0.05 + stream.next().value + 0.5;
    return Array.from({ length: reference.microBatches }, () => ({
      weight: draw(stream, 35, scale),
      bias: draw(stream, 7, scale),
      tableRows: draw(stream, reference.tableIds.length * 3, scale),
    }));
  });
}

describe.each(Object.entries(reference.cases))('AdamW against PyTorch over 50 updates: %s', (_name, given) => {
  const { schedule, warmupUpdates, peakLearningRate, ...optimizer } = given.options;
  const rate = (update: number) =>
    learningRate(
      { schedule: schedule as LearningRateSchedule, warmupUpdates, peakLearningRate, totalUpdates: reference.updates },
      update,
    );
  const start = Object.fromEntries(names.map((name) => [name, Float32Array.from(given.start[name])])) as Values;
  const half = (values: Float32Array) => values.map((value) => value / reference.microBatches);

  test('the schedule gives the same learning rates', () => {
    given.learningRates.forEach((expected, update) => {
      expect(Math.abs(rate(update) - expected)).toBeLessThan(1e-15);
    });
  });

  test.each(['dense view', 'by rows'])('the store gives the same parameters and norms (table gradient: %s)', (form) => {
    const store = createParameterStore(specs, new Map(Object.entries(start)));
    gradientsOf(given.seed).forEach((microBatches, index) => {
      for (const gradient of microBatches) accumulate(store, gradient, form);
      const { gradientNorm } = store.update(adamwRule({ ...optimizer, learningRate: rate(index) }));
      expect(relative(gradientNorm, given.gradientNorms[index]!)).toBeLessThan(1e-6);
      expectSnapshot(index + 1, (name) => store.value(name));
    });
    expect(store.updates).toBe(reference.updates);
  });

  test('the tfjs reference gives the bytes of the store, and so the same parameters', () => {
    const store = createParameterStore(specs, new Map(Object.entries(start)));
    const state = Object.fromEntries(
      names.map((name) => {
        const zeros = () => tensor(new Float32Array(start[name].length), reference.shapes[name]);
        return [name, { parameter: tensor(start[name], reference.shapes[name]) as Tensor, m: zeros(), v: zeros() }];
      }),
    );
    gradientsOf(given.seed).forEach((microBatches, index) => {
      for (const gradient of microBatches) accumulate(store, gradient, 'by rows');
      const gradients = Object.fromEntries(names.map((name) => [name, store.gradient(name).slice()]));
      const options = { ...optimizer, learningRate: rate(index) };
      const { gradientNorm } = store.update(adamwRule(options));
      for (const spec of specs) {
        const coefficients = adamwCoefficients(options, index + 1, gradientNorm, spec.decay);
        state[spec.name] = adamw(state[spec.name]!, tensor(gradients[spec.name]!, spec.shape), coefficients);
        expect(state[spec.name]!.parameter.dataSync()).toEqual(store.value(spec.name));
      }
      expectSnapshot(index + 1, (name) => state[name]!.parameter.dataSync<'float32'>());
    });
    const { moments } = store.optimizerState();
    for (const name of names) {
      expect(state[name]!.m.dataSync()).toEqual(moments.get(name)!.m);
      expect(state[name]!.v.dataSync()).toEqual(moments.get(name)!.v);
    }
  });

  function accumulate(store: ParameterStore, gradient: Gradients, form: string): void {
    store.accumulate('weight', half(gradient.weight));
    store.accumulate('bias', half(gradient.bias));
    if (form === 'dense view') store.gradient('table');
    store.accumulateRows('table', Int32Array.from(reference.tableIds), half(gradient.tableRows));
  }

  function expectSnapshot(update: number, value: (name: (typeof names)[number]) => Float32Array): void {
    const snapshot = Object.entries(given.snapshots).find(([key]) => Number(key) === update)?.[1];
    if (snapshot === undefined) return;
    for (const name of names) {
      value(name).forEach((actual, i) => {
        expect(Math.abs(actual - snapshot[name][i]!)).toBeLessThan(1e-6);
      });
    }
  }
});

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected);
}
