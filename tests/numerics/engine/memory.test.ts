import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { LossFunction } from '../../../gpu-worker/engine/types.js';
import { collectGarbage } from '../../../gpu-worker/training/collect-garbage.js';
import { liveTensors, openEngine } from './compare.js';

/** Cycles between two measurements, and how often is measured. */
const [cycles, measurements] = [20, 7];
const [N, H] = [64, 512];

/** The fewest megabytes that this process holds, after a collection each time, in the last of some cycles. */
async function residentMegabytes(cycle: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < cycles; index++) {
    await cycle();
    if (index < cycles - 5) continue;
    collectGarbage();
    least = Math.min(least, process.memoryUsage().rss / 2 ** 20);
  }
  return least;
}

/** By how much numbers are above those before them, in the median. */
function medianRise(values: readonly number[]): number {
  const rises = values.slice(1).map((value, index) => value - values[index]!);
  return rises.sort((one, other) => one - other)[rises.length >> 1]!;
}

test('compilations, runs and releases leave memory as it was', async () => {
  const engine = await openEngine();
  const specs = [
    { name: 'trained', shape: [H, H], trainable: true, decay: true },
    // A megabyte that each graph holds as a constant: kept by mistake, it would make 20 MB between two measurements.
    { name: 'frozen', shape: [H, H], trainable: false, decay: true },
  ];
  const values = new Map(specs.map(({ name }) => [name, new Float32Array(H * H).fill(0.01)]));
  const store = engine.createParameters(specs, values);
  const inputs = { x: { shape: [N, H], dtype: 'float32' } } as const;
  const feeds = { x: new Float32Array(N * H).fill(0.5) };
  const loss: LossFunction = ({ trained, frozen }, { x }, { dropout }) => {
    const hidden = tf.tanh(tf.matMul(x as tf.Tensor2D, frozen as tf.Tensor2D));
    return {
      loss: tf.mean(tf.square(tf.matMul(dropout(hidden, 0.1) as tf.Tensor2D, trained as tf.Tensor2D))) as tf.Scalar,
    };
  };
  const cycle = async (): Promise<void> => {
    const step = await engine.compileStep(store, inputs, loss);
    await step.run(feeds, { seed: 1, step: 0, scale: 1 });
    await step.release();
    await step.release();
    store.zeroGradients();
  };
  const resident: number[] = [];
  for (let index = 0; index < measurements; index++) resident.push(await residentMegabytes(cycle));
  // Pages that an allocator keeps come and go by tens of megabytes, once in a while; what leaks grows every time. The
  // bound is half of what a megabyte a cycle would make.
  expect(medianRise(resident)).toBeLessThan(cycles / 2);
  expect(liveTensors()).toBe(0);
  await engine.release();
}, 120_000);

test('a released function says so', async () => {
  const engine = await openEngine();
  const store = engine.createParameters([], new Map());
  const forward = await engine.compileForward(store, { x: { shape: [1], dtype: 'float32' } }, (_, { x }) => ({
    y: tf.neg(x!),
  }));
  expect(await forward.run({ x: Float32Array.of(2) })).toEqual({ y: Float32Array.of(-2) });
  await engine.release();
  await expect(forward.run({ x: Float32Array.of(2) })).rejects.toMatchObject({ code: 'RELEASED' });
});
