import { add, matMul, mul, reshape, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Engine, LossFunction } from '../../../gpu-worker/engine/types.js';
import { chunkedCrossEntropy, targetLogProbabilities } from '../../../gpu-worker/losses/chunked-cross-entropy.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { chunksFor } from '../../../gpu-worker/losses/target-chunks.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { takeRows } from '../../../gpu-worker/nn/take-rows.js';
import { openEngine } from '../engine/compare.js';
import { expectClose, floats } from '../nn/differentiate.js';
import { draw, numbers } from '../reference/numbers.js';

const [N, H, V] = [12, 5, 11];
const targets = [3, 0, 10, 3, 7, 7, 1, 2];
/** The rows of the states that have targets. */
const rows = [1, 2, 3, 5, 6, 7, 9, 11];

const values = numbers(17);
const states = tensor(draw(values, N * H, 1), [N, H]);
const table = tensor(draw(values, V * H, 1), [V, H]);
const bias = tensor(draw(values, V, 1), [V]);

/** Inputs for K chunks of M targets, filled up with targets of weight 0. */
function chunked(K: number, M: number) {
  const filled = (list: readonly number[], by: number) => Array.from({ length: K * M }, (_, i) => list[i] ?? by);
  const slots = Int32Array.from({ length: N }, (_, row) => (rows.includes(row) ? rows.indexOf(row) : K * M));
  return {
    rows: Int32Array.from(filled(rows, 0)),
    slots,
    targets: Int32Array.from(filled(targets, 0)),
    picks: Int32Array.from(filled(targets, 0), (target, i) => (i % M) * V + target),
    weights: Float32Array.from({ length: K * M }, (_, i) => (i < targets.length ? 1 / targets.length : 0)),
  };
}

function tensorsOf(K: number, M: number) {
  const fed = chunked(K, M);
  const int = (data: Int32Array, shape: number[]) => tensor(data, shape, 'int32');
  return {
    rows: int(fed.rows, [K * M]),
    slots: int(fed.slots, [N]),
    targets: int(fed.targets, [K, M]),
    picks: int(fed.picks, [K, M]),
    weights: tensor(fed.weights, [K, M]),
  };
}

/** All logits at once, by the loss that is held to PyTorch's. */
const whole = (x: Tensor, t: Tensor, b: Tensor) => {
  const all = add(matMul(x, t, false, true), b);
  const byRow = Array.from({ length: N }, (_, row) => (rows.includes(row) ? targets[rows.indexOf(row)]! : -100));
  return crossEntropy(all, tensor(Int32Array.from(byRow), [N], 'int32'));
};

describe.each([
  [1, 8],
  [2, 4],
  [3, 3],
  [4, 5],
])('in %i chunks of %i', (K, M) => {
  test.each([true, false])('equals the cross-entropy of all logits at once; table trained: %s', (trainsTable) => {
    const given = tensorsOf(K, M);
    const inChunks = (x: Tensor, t: Tensor, b: Tensor) =>
      chunkedCrossEntropy(takeRows(x, given.rows, given.slots), { table: t, bias: b }, given, { trainsTable });
    const [actual, expected] = [inChunks, whole].map((loss) => valueAndGrads(loss)([states, table, bias]));
    expect(floats(actual!.value)[0]).toBeCloseTo(floats(expected!.value)[0]!, 5);
    for (const [index, name] of ['states', 'table', 'bias'].entries()) {
      expectClose(floats(actual!.grads[index]!), floats(expected!.grads[index]!), 1e-5, name);
    }
  });

  test('tells how probable each target is, and whether it is the most probable', () => {
    const given = tensorsOf(K, M);
    const taken = takeRows(states, given.rows, given.slots);
    const { logProbabilities, right } = targetLogProbabilities(taken, { table, bias }, given);
    expect(logProbabilities.shape).toEqual([K, M]);
    const mean = floats(logProbabilities)
      .slice(0, 8)
      .reduce((sum, each) => sum - each / 8, 0);
    expect(mean).toBeCloseTo(floats(whole(states, table, bias))[0]!, 5);
    const logits = floats(add(matMul(states, table, false, true), bias));
    for (const [i, row] of rows.entries()) {
      const ofRow = logits.slice(row * V, (row + 1) * V);
      expect(floats(right)[i]).toBe(ofRow.indexOf(Math.max(...ofRow)) === targets[i] ? 1 : 0);
    }
  });
});

describe('compiled', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openEngine();
  });
  afterAll(() => engine.release());

  it.each([1, 3])('in %i chunks of any size, with the gradient of a table that is tied to embeddings', async (K) => {
    const specs = [{ name: 'table', shape: [V, H], trainable: true, decay: true }];
    const store = engine.createParameters(specs, new Map([['table', floats(table)]]));
    const loss: LossFunction = ({ table: tied }, { states: x, ids, ...given }) => {
      const tokens = takeRows(add(x!, embedding(tied!, ids!)), flat(given.rows!), given.slots!);
      return { loss: chunkedCrossEntropy(tokens, { table: tied! }, given as never, { trainsTable: true }) };
    };
    const step = await engine.compileStep(
      store,
      {
        states: { shape: [N, H], dtype: 'float32' },
        ids: { shape: [N], dtype: 'int32' },
        slots: { shape: [N], dtype: 'int32' },
        rows: { shape: [K, 'M'], dtype: 'int32' },
        targets: { shape: [K, 'M'], dtype: 'int32' },
        picks: { shape: [K, 'M'], dtype: 'int32' },
        weights: { shape: [K, 'M'], dtype: 'float32' },
      },
      loss,
    );
    const ids = Int32Array.from({ length: N }, (_, i) => (i * 5) % V);
    for (const M of [Math.ceil(8 / K), 9]) {
      store.zeroGradients();
      const fed = chunked(K, M);
      const options = { seed: 0, step: 0, scale: 2, sizes: { M } };
      const { loss: value } = await step.run({ states: floats(states), ids, ...fed }, options);
      const reference = valueAndGrads((t: Tensor) =>
        whole(add(states, embedding(t, tensor(ids, [N], 'int32'))), t, mul(bias, 0)),
      )([table]);
      expect(value).toBeCloseTo(floats(reference.value)[0]!, 5);
      expectClose(store.gradient('table'), floats(mul(reference.grads[0]!, 2)), 1e-5, 'table');
    }
    await step.release();
    store.release();
  });
});

test('there are as many chunks as keep the logits of each below 16 Mi numbers', () => {
  expect(chunksFor(1024, 8192)).toBe(1);
  expect(chunksFor(1024, 50257)).toBe(4);
  expect(chunksFor(1, 10)).toBe(1);
});

function flat(x: Tensor): Tensor {
  return reshape(x, [x.size]);
}
