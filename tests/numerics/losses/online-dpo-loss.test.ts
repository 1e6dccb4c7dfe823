import { mul, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { pairSigns } from '../../../gpu-worker/losses/policy/advantages.js';
import { type OnlineDpoLoss, onlineDpoLoss } from '../../../gpu-worker/losses/policy/online-dpo-loss.js';
import { openEngine } from '../engine/compare.js';
import { expectClose, floats } from '../nn/differentiate.js';
import { onlineReference } from './online-losses-reference.js';

const { pairs } = onlineReference;
const P = pairs.rewards.length / 2;
/** Rows of a pair stand together, other than in TRL. */
const order = Array.from({ length: P }, (_, pair) => [pair, pair + P]).flat();
const signs = pairSigns(Float64Array.from(order, (row) => pairs.rewards[row]!));

/** The tokens of all pairs; two that belong to none fill the batch up, and so does a sixth place for a pair. */
function fedOf(beta: number) {
  const perToken = (of: (row: number, index: number) => readonly number[]) =>
    Float32Array.from([...order.flatMap((row, index) => [...of(row, index)]), 0, 0]);
  return {
    now: perToken((row) => pairs.now[row]!),
    reference: perToken((row) => pairs.ref[row]!),
    signs: perToken((row, index) => pairs.ref[row]!.map(() => signs[index]!)),
    pairOf: Int32Array.from(perToken((row, index) => pairs.ref[row]!.map(() => index >> 1))),
    pairWeights: new Float32Array(P + 1).fill(1 / P, 0, P),
    betas: new Float32Array(P + 1).fill(beta),
  };
}

const lossOf = (now: Tensor, fed: Readonly<Record<string, Tensor>>, loss: OnlineDpoLoss) =>
  onlineDpoLoss(
    {
      logProbabilities: now,
      reference: fed.reference!,
      signs: fed.signs!,
      pairOf: fed.pairOf!,
      pairWeights: fed.pairWeights!,
      betas: fed.betas!,
    },
    loss,
    P + 1,
  );

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.release());

describe.each([
  ['sigmoid', 'sigmoid', 0.1],
  ['sigmoid, β 0.7', 'sigmoid', 0.7],
  ['ipo', 'ipo', 0.1],
] as const)('the loss of online DPO, as TRL computes “%s”', (name, loss, beta) => {
  const expected = pairs.cases[name]!;
  const gradients = order.flatMap((row) => expected.gradients[row]!);
  const { now, ...fed } = fedOf(beta);

  it('is equal, and so is its gradient', () => {
    const tensors = Object.fromEntries(
      Object.entries(fed).map(([key, values]) => [
        key,
        tensor(values, [values.length], key === 'pairOf' ? 'int32' : 'float32'),
      ]),
    );
    const { value, grads } = valueAndGrads((x: Tensor) => lossOf(x, tensors, loss))([tensor(now)]);
    expect(floats(value)[0]! / expected.loss).toBeCloseTo(1, 5);
    expectClose(floats(grads[0]!), Float32Array.from([...gradients, 0, 0]), 1e-5, name);
  });

  it('is equal in a compiled graph, too', async () => {
    const store = engine.createParameters([{ name: 'now', shape: [1], trainable: true, decay: false }]);
    store.value('now').fill(1);
    const [tokens, places] = [{ shape: ['targets'] }, { shape: [P + 1] }];
    const step = await engine.compileStep(
      store,
      {
        now: { ...tokens, dtype: 'float32' },
        reference: { ...tokens, dtype: 'float32' },
        signs: { ...tokens, dtype: 'float32' },
        pairOf: { ...tokens, dtype: 'int32' },
        pairWeights: { ...places, dtype: 'float32' },
        betas: { ...places, dtype: 'float32' },
      },
      ({ now: factor }, inputs) => ({ loss: lossOf(mul(inputs.now!, factor!), inputs, loss) }),
    );
    const sizes = { targets: now.length };
    const result = await step.run({ now, ...fed }, { seed: 1, step: 1, scale: 1, sizes });
    expect(result.loss / expected.loss).toBeCloseTo(1, 5);
    // The gradient of a factor of all log-probabilities is the sum of each one's times the log-probability.
    const byHand = gradients.reduce((sum, gradient, token) => sum + gradient * now[token]!, 0);
    expect(store.gradient('now')[0]! / byHand).toBeCloseTo(1, 4);
    await step.release();
    store.release();
  });
});

describe('a policy that is its reference', () => {
  it('has the loss ln 2, or 1 / (4 β²) by IPO', () => {
    const one = tensor([-1, -2, -3]);
    const fed = {
      reference: one,
      signs: tensor([1, 1, -1]),
      pairOf: tensor([0, 0, 0], [3], 'int32'),
      pairWeights: tensor([1]),
      betas: tensor([0.2]),
    };
    const of = (loss: OnlineDpoLoss) => floats(onlineDpoLoss({ logProbabilities: one, ...fed }, loss, 1))[0]!;
    expect(of('sigmoid')).toBeCloseTo(Math.LN2, 6);
    expect(of('ipo')).toBeCloseTo(1 / (4 * 0.2 ** 2), 5);
  });
});

describe('signs of pairs', () => {
  it('tell which is better, and nothing where neither is', () => {
    expect([...pairSigns(Float64Array.of(1, 2, 3, 3, Number.NaN, 1, 5, -1))]).toEqual([-1, 1, 0, 0, 0, 0, 1, -1]);
  });
});
