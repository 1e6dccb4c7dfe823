import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDropoutKeys, type DropoutSite, fillDropoutKeys } from '../../../gpu-worker/engine/random/keys.js';
import { maskValues } from '../../../gpu-worker/engine/random/mask.js';
import type { Engine, GradientStep, ParameterStore } from '../../../gpu-worker/engine/types.js';
import { openEngine, referenceEngine, uniform } from './compare.js';

/** 0 where an element was dropped, 1 where it was kept. */
function draw(site: DropoutSite, seed: number, step: number, rate: number): Uint8Array {
  const keys = createDropoutKeys(site);
  fillDropoutKeys(keys, seed, step, site.site);
  return Uint8Array.from(maskValues(site, keys, rate), (value) => (value === 0 ? 0 : 1));
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** Standard deviations by which `count` hits of `trials` are off for a probability. */
const deviations = (count: number, trials: number, probability: number): number =>
  (count - trials * probability) / Math.sqrt(trials * probability * (1 - probability));

describe('masks are random', () => {
  const shape = { rows: 256, columns: 96 };
  const trials = shape.rows * shape.columns;

  test('at the rate that was asked for, over sites, steps and seeds: chi-square', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const scores: number[] = [];
      for (let site = 0; site < 5; site++) {
        for (let step = 0; step < 10; step++) {
          for (const seed of [0, 1, 2 ** 40]) {
            scores.push(deviations(sum(draw({ ...shape, site }, seed, step, rate)), trials, 1 - rate));
          }
        }
      }
      // Σ z² of 150 normal scores: mean 150, deviation √300 = 17.3; five deviations either way.
      const chiSquare = sum(scores.map((score) => score ** 2));
      expect(chiSquare).toBeGreaterThan(150 - 5 * 17.3);
      expect(chiSquare).toBeLessThan(150 + 5 * 17.3);
    }
  });

  test('independent between sites, steps and seeds: 2 × 2 tables', () => {
    const base = draw({ ...shape, site: 0 }, 7, 3, 0.3);
    const others = [
      ...Array.from({ length: 20 }, (_, index) => draw({ ...shape, site: index + 1 }, 7, 3, 0.3)),
      ...Array.from({ length: 20 }, (_, index) => draw({ ...shape, site: 0 }, 7, index + 4, 0.3)),
      ...Array.from({ length: 20 }, (_, index) => draw({ ...shape, site: 0 }, index + 8, 3, 0.3)),
      // Seeds that differ above 32 bits alone.
      draw({ ...shape, site: 0 }, 7 + 2 ** 32, 3, 0.3),
    ];
    const scores = others.map((other) =>
      deviations(sum(base.map((kept, index) => kept & other[index]!)), trials, 0.49),
    );
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(4.5);
    expect(sum(scores.map((score) => score ** 2))).toBeLessThan(scores.length + 5 * Math.sqrt(2 * scores.length));
  });

  test('independent between the rows, the columns and the corners of rectangles of one mask', () => {
    const rate = 0.1;
    let [rowPairs, columnPairs, rectangles, squares] = [0, 0, 0, 0];
    const [rows, columns, seeds] = [120, 120, 12];
    const variance = rate * (1 - rate);
    for (let seed = 0; seed < seeds; seed++) {
      const mask = draw({ rows, columns, site: 0 }, seed, 0, rate);
      const centred = (row: number, column: number): number => 1 - rate - mask[row * columns + column]!;
      for (let a = 0; a < rows; a++) {
        for (let b = 0; b < a; b++) {
          let [ofRows, ofColumns] = [0, 0];
          for (let c = 0; c < columns; c++) {
            ofRows += centred(a, c) * centred(b, c);
            ofColumns += centred(c, a) * centred(c, b);
          }
          rowPairs += ofRows ** 2 / (columns * variance ** 2);
          columnPairs += ofColumns ** 2 / (rows * variance ** 2);
        }
      }
      const random = uniform(seed);
      for (let sample = 0; sample < 30_000; sample++) {
        const [a, c] = [Math.floor(random() * (rows - 1)), Math.floor(random() * (columns - 1))];
        const [b, d] = [
          a + 1 + Math.floor(random() * (rows - a - 1)),
          c + 1 + Math.floor(random() * (columns - c - 1)),
        ];
        const product = (centred(a, c) * centred(a, d) * centred(b, c) * centred(b, d)) / variance ** 2;
        rectangles += product;
        squares += product ** 2;
      }
    }
    // The variance of correlations is 1 when rows (columns) are independent; 85,680 pairs give it to about 0.006.
    const pairs = (seeds * rows * (rows - 1)) / 2;
    expect(Math.abs(rowPairs / pairs - 1)).toBeLessThan(0.025);
    expect(Math.abs(columnPairs / pairs - 1)).toBeLessThan(0.025);
    expect(Math.abs(rectangles / Math.sqrt(squares))).toBeLessThan(4.5);
  });
});

describe('in a compiled step', () => {
  const shape = [6, 10, 32];
  const size = 6 * 10 * 32;
  const rate = 0.25;
  const values = new Map([['x', new Float32Array(size).fill(1)]]);
  const specs = [{ name: 'x', shape, trainable: true, decay: true }];
  const inputs = { upstream: { shape, dtype: 'float32' } } as const;
  const upstream = Float32Array.from({ length: size }, (_, index) => Math.sin(index) + 1.5);

  let engine: Engine;
  let store: ParameterStore;
  let step: GradientStep;
  beforeAll(async () => {
    engine = await openEngine();
    [store, step] = await compile(engine);
  });
  afterAll(() => engine.release());

  async function compile(on: Engine): Promise<[ParameterStore, GradientStep]> {
    const parameters = on.createParameters(specs, values);
    const compiled = await on.compileStep(parameters, inputs, ({ x }, { upstream }, random) => {
      const first = random.dropout(x!, rate);
      const second = random.dropout(x!, rate);
      const loss = tf.sum(tf.mul(first, upstream!)) as tf.Scalar;
      return { loss, metrics: { first, second, none: random.dropout(x!, 0) } };
    });
    return [parameters, compiled];
  }

  async function run(
    seed: number,
    stepIndex: number,
  ): Promise<{ first: Float32Array; second: Float32Array; gradient: Float32Array }> {
    store.zeroGradients();
    const { metrics } = await step.run({ upstream }, { seed, step: stepIndex, scale: 1 });
    return { first: metrics.first!, second: metrics.second!, gradient: store.gradient('x').slice() };
  }

  test('keeps x / (1 − rate) or 0, and its gradient is mask · dy / (1 − rate)', async () => {
    const { first, gradient } = await run(5, 1);
    const scale = Math.fround(1 / (1 - rate));
    expect(new Set(first)).toEqual(new Set([0, scale]));
    expect(gradient).toEqual(upstream.map((value, index) => Math.fround(value * first[index]!)));
  });

  test('repeats to the bit, and changes with seed, step and site', async () => {
    const once = await run(5, 1);
    expect(await run(5, 1)).toEqual(once);
    expect(once.second).not.toEqual(once.first);
    expect((await run(6, 1)).first).not.toEqual(once.first);
    expect((await run(5, 2)).first).not.toEqual(once.first);
  });

  test('draws the masks that eager execution draws', async () => {
    const [eagerStore, eagerStep] = await compile(referenceEngine());
    const { metrics } = await eagerStep.run({ upstream }, { seed: 5, step: 1, scale: 1 });
    const { first, second, gradient } = await run(5, 1);
    expect(metrics.first).toEqual(first);
    expect(metrics.second).toEqual(second);
    expect(eagerStore.gradient('x')).toEqual(gradient);
    expect(metrics.none).toEqual(values.get('x'));
  });
});
