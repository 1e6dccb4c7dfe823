import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, LossFunction, ParameterStore, StepResult } from '../../../gpu-worker/engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../../../gpu-worker/nn/attention.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { gelu } from '../../../gpu-worker/nn/gelu.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { meanPool } from '../../../gpu-worker/nn/mean-pool.js';
import { expectClose, openEngine, referenceEngine, uniform } from './compare.js';

const [B, V, P, H, A] = [3, 23, 32, 8, 2];
const random = uniform(31);
const shapes = { words: [V, H], positions: [P, H], weight: [H, H], bias: [H], gain: [H], frozen: [H, H] };
const specs = Object.entries(shapes).map(([name, shape]) => ({
  name,
  shape,
  trainable: name !== 'frozen',
  decay: true,
}));
const values = new Map(
  specs.map(({ name, shape }) => [
    name,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() - 0.5),
  ]),
);

/** An encoder's layer with dropout in both places, rows of an embedding, a slice of positions and a masked mean. */
const loss: LossFunction = (parameters, { ids, mask }, dropout) => {
  const { words, positions, weight, bias, gain, frozen } = parameters as Record<string, tf.Tensor>;
  const [, T = 0] = ids!.shape;
  const embedded = tf.add(tf.reshape(embedding(words!, ids!), [B, T, H]), tf.slice(positions!, [0, 0], [T, H]));
  const states = tf.reshape(embedded, [B * T, H]);
  const heads = splitHeads(linear(states, weight!, bias!), T, A);
  const keys = splitHeads(tf.matMul(states as tf.Tensor2D, frozen as tf.Tensor2D), T, A);
  const context = joinHeads(attend(heads, keys, heads, paddingBias(mask!), dropout, 0.2));
  const normed = layerNorm(tf.add(states, dropout.dropout(gelu(context), 0.1)), gain!, bias!, 1e-5);
  const pooled = meanPool(tf.reshape(normed, [B, T, H]), mask!);
  return { loss: tf.mean(tf.square(tf.sub(pooled, 1))) as tf.Scalar, metrics: { pooled } };
};

/** The batch is fixed: its mean has its size in it. */
const inputsOf = <Length extends number | string>(length: Length) =>
  ({ ids: { shape: [B, length], dtype: 'int32' }, mask: { shape: [B, length], dtype: 'float32' } }) as const;
const inputs = inputsOf('length');
const feedsOf = (length: number) => ({
  ids: Int32Array.from({ length: B * length }, () => Math.floor(V * random() ** 2)),
  mask: Float32Array.from({ length: B * length }, (_, index) => (index % length < 2 || random() < 0.7 ? 1 : 0)),
});

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

interface Outcome extends StepResult {
  readonly gradients: ReadonlyMap<string, Float32Array>;
}
/** What one run gives, and the gradients it leaves. */
async function outcomeOf(store: ParameterStore, run: () => Promise<StepResult>): Promise<Outcome> {
  store.zeroGradients();
  const result = await run();
  const trainable = specs.filter((spec) => spec.trainable);
  return { ...result, gradients: new Map(trainable.map(({ name }) => [name, store.gradient(name).slice()])) };
}

function expectSame(actual: Outcome, expected: Outcome, where: string): void {
  expectClose([actual.loss], [expected.loss], `loss ${where}`);
  expectClose(actual.metrics.pooled!, expected.metrics.pooled!, `metric ${where}`);
  for (const [name, gradient] of expected.gradients) {
    expectClose(actual.gradients.get(name)!, gradient, `gradient of ${name} ${where}`, 1e-3);
  }
}

test('a step for all sizes gives what steps of one size each give, dropout included', async () => {
  const options = { maxima: { length: P } };
  const store = engine.createParameters(specs, values);
  const dynamic = await engine.compileStep(store, inputs, loss, options);
  const eagerEngine = referenceEngine();
  const eagerStore = eagerEngine.createParameters(specs, values);
  const eager = await eagerEngine.compileStep(eagerStore, inputs, loss, options);
  // Growing and shrinking, so that what is kept from run to run is used at other sizes.
  for (const length of [3, P, 7, 2]) {
    const where = `at ${length}`;
    const feeds = feedsOf(length);
    const at = { seed: 5, step: length, scale: 0.5 };
    const sizes = { length };
    const outcome = await outcomeOf(store, () => dynamic.run(feeds, { ...at, sizes }));
    const single = await engine.compileStep(store, inputsOf(length), loss);
    expectSame(outcome, await outcomeOf(store, () => single.run(feeds, at)), where);
    expectSame(outcome, await outcomeOf(eagerStore, () => eager.run(feeds, { ...at, sizes })), `${where}, eager`);
    const again = await outcomeOf(store, () => dynamic.run(feeds, { ...at, sizes }));
    expect(again, 'the same bytes').toEqual(outcome);
    await single.release();
  }
});

test('a size that is missing is refused by name', async () => {
  const store = engine.createParameters(specs, values);
  const dynamic = await engine.compileStep(store, inputs, loss, { maxima: { length: P } });
  const run = dynamic.run(feedsOf(3), { seed: 1, step: 1, scale: 1 });
  await expect(run).rejects.toMatchObject({ code: 'INVALID_FEED', message: 'The size length is missing.' });
});
