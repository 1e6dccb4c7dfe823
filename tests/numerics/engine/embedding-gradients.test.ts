import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, LossFunction, ParameterStore } from '../../../gpu-worker/engine/types.js';
import { expectClose, openEngine, referenceEngine, solve, uniform } from './compare.js';

const [V, H, N] = [500, 48, 512];
const repetitions = 20;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

const random = uniform(3);
const table = Float32Array.from({ length: V * H }, () => random() - 0.5);
/** As texts have them: half is padding (id 0), a few words are frequent, most of the vocabulary does not occur. */
const ids = Int32Array.from({ length: N }, () => (random() < 0.5 ? 0 : Math.floor(V ** random())));
const upstream = Float32Array.from({ length: N * H }, () => random() - 0.5);
const embeddingSpec = { name: 'embedding', shape: [V, H], trainable: true, decay: true };

const inputs = {
  ids: { shape: [N], dtype: 'int32' },
  upstream: { shape: [N, H], dtype: 'float32' },
} as const;

/** Rows of the table weighted by `upstream`, which is then exactly the gradient that arrives at every row. */
const weightedRows: LossFunction = ({ embedding }, { ids, upstream }) => ({
  loss: tf.sum(tf.mul(tf.gather(embedding!, ids as tf.Tensor1D), upstream!)) as tf.Scalar,
});

/** The sum in float32 and in the order of the ids: what any correct, ordered accumulation must give to the bit. */
function orderedSum(): Float32Array {
  const sum = new Float32Array(V * H);
  ids.forEach((id, row) => {
    for (let column = 0; column < H; column++) {
      sum[id * H + column] = sum[id * H + column]! + upstream[row * H + column]!;
    }
  });
  return sum;
}

function open(specs = [embeddingSpec], values = new Map([['embedding', table]])): ParameterStore {
  return engine.createParameters(specs, values);
}

test('the gradient of an embedding sums repeated ids in order, with the same bytes each time', async () => {
  const store = open();
  const step = await engine.compileStep(store, inputs, weightedRows);
  const expected = orderedSum();
  for (let repetition = 0; repetition < repetitions; repetition++) {
    await step.run({ ids, upstream }, { seed: 1, step: repetition, scale: 1 });
    expect(store.gradient('embedding')).toEqual(expected);
    store.zeroGradients();
  }
  await step.release();
  store.release();
});

test('a tied table gets its rows and its dense part', async () => {
  const problem = {
    parameters: [{ spec: embeddingSpec, values: table }],
    inputs,
    feeds: { ids, upstream },
    loss: (({ embedding }, { ids, upstream }) => {
      const rows = tf.gather(embedding!, ids as tf.Tensor1D) as tf.Tensor2D;
      const logits = tf.matMul(tf.mul(rows, upstream!) as tf.Tensor2D, embedding as tf.Tensor2D, false, true);
      return { loss: tf.mean(tf.logSumExp(logits, -1)) as tf.Scalar };
    }) satisfies LossFunction,
  };
  const [actual, expected] = [await solve(engine, problem), await solve(referenceEngine(), problem)];
  expectClose([actual.loss], [expected.loss], 'loss');
  expectClose(actual.gradients.get('embedding')!, expected.gradients.get('embedding')!, 'gradient', 1e-3);
});

test('two gathers from one table add up', async () => {
  const store = open();
  const step = await engine.compileStep(store, inputs, ({ embedding }, { ids, upstream }) => ({
    loss: tf.add(
      tf.sum(tf.mul(tf.gather(embedding!, ids as tf.Tensor1D), upstream!)),
      tf.sum(tf.gather(embedding!, tf.zerosLike(ids as tf.Tensor1D))),
    ) as tf.Scalar,
  }));
  await step.run({ ids, upstream }, { seed: 1, step: 0, scale: 1 });
  const expected = orderedSum();
  // The second gather reads row 0 N times, each with gradient 1.
  const gradient = store.gradient('embedding');
  expectClose(
    gradient.subarray(0, H),
    expected.subarray(0, H).map((value) => value + N),
    'row 0',
  );
  expect(gradient.subarray(H)).toEqual(expected.subarray(H));
  await step.release();
});

test('a segment sum inside the graph drops ids outside of it and repeats to the bit', async () => {
  const segments = 7;
  const segmentIds = Int32Array.from({ length: N }, (_, row) => (row % 11) - 2);
  const store = engine.createParameters([], new Map());
  const forward = await engine.compileForward(
    store,
    { x: { shape: [N, H], dtype: 'float32' }, ids: { shape: [N], dtype: 'int32' } },
    (_, { x, ids }) => ({ sums: tf.unsortedSegmentSum(x as tf.Tensor2D, ids as tf.Tensor1D, segments) }),
  );
  const expected = new Float32Array(segments * H);
  segmentIds.forEach((id, row) => {
    if (id < 0 || id >= segments) return;
    for (let column = 0; column < H; column++) {
      expected[id * H + column] = expected[id * H + column]! + upstream[row * H + column]!;
    }
  });
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const { sums } = await forward.run({ x: upstream, ids: segmentIds });
    expect(sums).toEqual(expected);
  }
  await forward.release();
});
