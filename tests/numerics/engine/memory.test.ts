import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { LossFunction } from '../../../gpu-worker/engine/types.js';
import { collectGarbage } from '../../../gpu-worker/training/collect-garbage.js';
import { liveTensors, openEngine } from './compare.js';

const cycles = 50;
const [N, H] = [64, 512];

/** The fewest megabytes that this process holds, after a collection each time, over a few cycles. */
async function residentMegabytes(cycle: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 5; index++) {
    await cycle();
    collectGarbage();
    least = Math.min(least, process.memoryUsage().rss / 2 ** 20);
  }
  return least;
}

test(`${cycles} compilations, runs and releases leave memory as it was`, async () => {
  const engine = await openEngine();
  const specs = [
    { name: 'trained', shape: [H, H], trainable: true, decay: true },
    // A megabyte that each graph holds as a constant: kept by mistake, it would make 50 MB.
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
  for (let index = 0; index < 5; index++) await cycle();
  const before = await residentMegabytes(cycle);
  for (let index = 5; index < cycles; index++) await cycle();
  const grown = (await residentMegabytes(cycle)) - before;
  // Pages that an allocator keeps come and go by about 15 MB.
  expect(grown).toBeLessThan(30);
  expect(liveTensors()).toBe(0);
  await engine.release();
});

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
