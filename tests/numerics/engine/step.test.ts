import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, LossFunction } from '../../../gpu-worker/engine/types.js';
import { type AdamWOptions, adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import { expectClose, openEngine, referenceEngine, solve } from './compare.js';
import { feeds, inputs, loss, normalish, parameterNames, problem, sizes, specs, values } from './transformer.js';

const { B, T, H, C } = sizes;

const adamw: AdamWOptions = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

test('loss, metrics and gradients of an attention layer are those of tfjs', async () => {
  const [actual, expected] = [await solve(engine, problem()), await solve(referenceEngine(), problem())];
  expectClose([actual.loss], [expected.loss], 'loss');
  for (const [name, metric] of Object.entries(expected.metrics)) expectClose(actual.metrics[name]!, metric, name);
  for (const [name, gradient] of expected.gradients) expectClose(actual.gradients.get(name)!, gradient, name, 1e-3);
});

test('frozen parameters get no gradient and change nothing for the others', async () => {
  const all = await solve(engine, problem());
  const some = await solve(
    engine,
    problem((name) => name === 'classifier' || name === 'value'),
  );
  expect([...some.gradients.keys()]).toEqual(['value', 'classifier']);
  expect(some.loss).toBeCloseTo(all.loss, 5);
  for (const [name, gradient] of some.gradients) expectClose(gradient, all.gradients.get(name)!, name);
  const none = await solve(
    engine,
    problem(() => false),
  );
  expect(none.gradients.size).toBe(0);
  expect(none.loss).toBeCloseTo(all.loss, 5);
});

test('twenty training runs of five steps end with the same bytes', async () => {
  const ends = new Set<string>();
  for (let repetition = 0; repetition < 20; repetition++) {
    const store = engine.createParameters(specs(), values);
    const step = await engine.compileStep(store, inputs, loss);
    for (let index = 0; index < 5; index++) {
      await step.run(feeds, { seed: 3, step: index, scale: 1 });
      store.update(adamwRule(adamw));
    }
    ends.add(parameterNames.map((name) => Buffer.from(store.value(name).slice().buffer).toString('base64')).join());
    await step.release();
    store.release();
  }
  expect(ends.size).toBe(1);
});

test('halves accumulated at scale ½ give the gradient of the whole', async () => {
  const halfInputs = {
    ids: { shape: [B / 2, T], dtype: 'int32' },
    labels: { shape: [B / 2], dtype: 'int32' },
  } as const;
  const plain: LossFunction = ({ words, classifier }, { ids, labels }) => {
    const states = tf.gather(words!, ids!);
    const logits = tf.matMul(tf.mean(states, 1) as tf.Tensor2D, classifier as tf.Tensor2D, false, true);
    return { loss: tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels!, C)), -1))) as tf.Scalar };
  };
  const whole = await solve(engine, { ...problem(), loss: plain });
  const store = engine.createParameters(specs(), values);
  const step = await engine.compileStep(store, halfInputs, plain);
  let total = 0;
  for (const half of [0, 1]) {
    const part = {
      ids: feeds.ids.subarray((half * B * T) / 2, ((half + 1) * B * T) / 2),
      labels: feeds.labels.subarray((half * B) / 2, ((half + 1) * B) / 2),
    };
    total += (await step.run(part, { seed: 1, step: 0, scale: 0.5 })).loss / 2;
  }
  expect(total).toBeCloseTo(whole.loss, 5);
  for (const [name, gradient] of whole.gradients) expectClose(store.gradient(name), gradient, name);
  // Parameters the loss does not read.
  expect(store.gradient('query').every((value) => value === 0)).toBe(true);
});

test('a forward function follows training, and a frozen one keeps the parameters it was compiled with', async () => {
  const store = engine.createParameters(specs(), values);
  const input = { x: { shape: [2, H], dtype: 'float32' } } as const;
  const x = normalish(2 * H, 1);
  const forward = (parameters: Readonly<Record<string, tf.Tensor>>, { x }: Readonly<Record<string, tf.Tensor>>) => {
    const logits = tf.matMul(x as tf.Tensor2D, parameters.classifier as tf.Tensor2D, false, true);
    return { logits, positive: tf.greater(logits, 0) };
  };
  const live = await engine.compileForward(store, input, forward);
  const frozen = await engine.compileForward(store, input, forward, { frozen: true });
  const before = await live.run({ x });
  expectClose((await frozen.run({ x })).logits!, before.logits!, 'frozen');
  expect(before.positive).toEqual(Int32Array.from(before.logits!, (logit) => (logit > 0 ? 1 : 0)));
  store.value('classifier').fill(0);
  expect((await live.run({ x })).logits).toEqual(new Float32Array(2 * C));
  expect((await frozen.run({ x })).logits).not.toEqual(new Float32Array(2 * C));
});
