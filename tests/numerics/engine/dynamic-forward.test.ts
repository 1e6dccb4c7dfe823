import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, ForwardFunction, ParameterStore } from '../../../gpu-worker/engine/types.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { meanPool } from '../../../gpu-worker/nn/mean-pool.js';
import { expectClose, openEngine, referenceEngine, uniform } from './compare.js';

const random = uniform(9);
const draw = (length: number) => Float32Array.from({ length }, () => random() - 0.5);
const [P, H] = [40, 8];
const specs = Object.entries({ positions: [P, H], weight: [H, H], bias: [H], gain: [H] }).map(([name, shape]) => ({
  name,
  shape,
  trainable: name === 'weight',
  decay: false,
}));

/** x [B,T,H], mask [B,T] → mean [B,H], states [B·T,H] */
const forward: ForwardFunction = ({ positions, weight, bias, gain }, { x, mask }) => {
  const [B = 0, T = 0] = x!.shape;
  const placed = tf.add(x!, tf.slice(positions!, [0, 0], [T, H]));
  const states = layerNorm(linear(tf.reshape(placed, [B * T, H]), weight!, bias!), gain!, bias!, 1e-5);
  return { mean: meanPool(tf.reshape(states, [B, T, H]), mask!), states };
};
const inputs = {
  x: { shape: ['batch', 'length', H], dtype: 'float32' },
  mask: { shape: ['batch', 'length'], dtype: 'float32' },
} as const;
const sizes = [
  [1, 1],
  [3, 7],
  [64, 2],
  [2, P],
] as const;
const feedsOf = (batch: number, length: number) => ({
  x: draw(batch * length * H),
  mask: Float32Array.from({ length: batch * length }, (_, index) => (index % length === 0 || random() < 0.6 ? 1 : 0)),
});

let engine: Engine;
let store: ParameterStore;
beforeAll(async () => {
  engine = await openEngine();
  store = engine.createParameters(
    specs,
    new Map(specs.map(({ name, shape }) => [name, draw(shape.reduce((a, b) => a * b, 1))])),
  );
});
afterAll(() => engine.release());

describe('a graph for all sizes', () => {
  it.each([true, false])('gives what graphs of one size each give (frozen %s)', async (frozen) => {
    const dynamic = await engine.compileDynamicForward(store, inputs, forward, { frozen, maxima: { length: P } });
    for (const [batch, length] of sizes) {
      const fixed = {
        x: { shape: [batch, length, H], dtype: 'float32' },
        mask: { shape: [batch, length], dtype: 'float32' },
      } as const;
      const feeds = feedsOf(batch, length);
      const compiled = await engine.compileForward(store, fixed, forward, { frozen });
      const [own, expected] = [await dynamic.run(feeds, { batch, length }), await compiled.run(feeds)];
      for (const [name, values] of Object.entries(expected))
        expectClose(own[name] as Float32Array, values, `${name} at ${batch} × ${length}`);
      await compiled.release();
    }
    await dynamic.release();
  });

  it('is what the eager engine computes op by op', async () => {
    const reference = referenceEngine();
    const options = { maxima: { length: P } };
    const [dynamic, eager] = [
      await engine.compileDynamicForward(store, inputs, forward, options),
      await reference.compileDynamicForward(store, inputs, forward, options),
    ];
    const feeds = feedsOf(2, 5);
    const at = { batch: 2, length: 5 };
    const [own, expected] = [await dynamic.run(feeds, at), await eager.run(feeds, at)];
    expectClose(own.states as Float32Array, expected.states as Float32Array, 'states');
    await eager.release();
    await expect(eager.run(feeds, at)).rejects.toMatchObject({ code: 'RELEASED' });
    await dynamic.release();
    await expect(dynamic.run(feeds, at)).rejects.toMatchObject({ code: 'RELEASED' });
  });

  it('sees later training unless it is frozen', async () => {
    const options = { maxima: { length: P } };
    const live = await engine.compileDynamicForward(store, inputs, forward, options);
    const frozen = await engine.compileDynamicForward(store, inputs, forward, { ...options, frozen: true });
    const feeds = feedsOf(1, 3);
    const at = { batch: 1, length: 3 };
    const before = [await live.run(feeds, at), await frozen.run(feeds, at)];
    const weight = store.value('weight');
    const kept = weight.slice();
    weight[0] = 9;
    const after = [await live.run(feeds, at), await frozen.run(feeds, at)];
    weight.set(kept);
    expect(after[0]?.mean).not.toEqual(before[0]?.mean);
    expect(after[1]?.mean).toEqual(before[1]?.mean);
    await live.release();
    await frozen.release();
  });

  it('refuses feeds of other sizes than it is told, and functions that differ from size to size', async () => {
    const dynamic = await engine.compileDynamicForward(store, inputs, forward, { maxima: { length: P } });
    await expect(dynamic.run(feedsOf(2, 3), { batch: 3, length: 2 })).resolves.toBeDefined();
    await expect(dynamic.run(feedsOf(2, 3), { batch: 2, length: 4 })).rejects.toMatchObject({ code: 'INVALID_FEED' });
    await dynamic.release();
    const depends: ForwardFunction = (_, { mask }) => ({ sum: tf.mul(mask!, tf.range(0, mask!.shape[1]!, 1)) });
    await expect(
      engine.compileDynamicForward(store, { mask: inputs.mask }, depends, { maxima: { length: P } }),
    ).rejects.toMatchObject({ code: 'INVALID_FUNCTION' });
  });
});
