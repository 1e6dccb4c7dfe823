import { type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { fixedWeighting } from '../../../gpu-worker/losses/fixed-weighting.js';
import { uncertaintyWeighting } from '../../../gpu-worker/losses/uncertainty-weighting.js';
import { differences, expectClose, floats } from '../nn/differentiate.js';
import reference from '../reference/losses.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';

const targetsOf = (targets: number[]) => tensor(targets, undefined, 'int32');

describe.each(Object.entries(reference.crossEntropy))('cross-entropy, %s', (_name, given) => {
  const { seed, targets, classWeights } = given;
  const options = classWeights === null ? {} : { classWeights: tensor(classWeights) };
  const loss = (logits: Tensor) => crossEntropy(logits, targetsOf(targets), options);
  const logits = tensor(draw(numbers(seed), 24, 6), [6, 4]);

  test("has PyTorch's value and gradient", () => {
    const { value, grads } = valueAndGrads(loss)([logits]);
    expect(Math.abs(floats(value)[0]! - given.loss) / given.loss).toBeLessThan(1e-5);
    expectClose(floats(grads[0]!), given.gradient, 1e-5, 'gradient');
  });

  test('has the gradient that differences of its values show', () => {
    const { grads } = valueAndGrads(loss)([logits]);
    const [measured] = differences((x) => loss(x!), [logits], Float32Array.of(1), 2 ** -5);
    expectClose(floats(grads[0]!), measured!, 1e-2, 'gradient');
  });
});

describe('cross-entropy by hand', () => {
  test('uniform logits over 4 classes cost ln 4', () => {
    expect(floats(crossEntropy(tensor([[7, 7, 7, 7]]), targetsOf([2])))[0]).toBeCloseTo(Math.log(4), 6);
  });

  test('the weight of a single class cancels out of the mean', () => {
    const logits = tensor([[1, 2, 3]]);
    const plain = floats(crossEntropy(logits, targetsOf([0])))[0]!;
    const weighted = floats(crossEntropy(logits, targetsOf([0]), { classWeights: tensor([9, 1, 1]) }))[0]!;
    expect(weighted).toBeCloseTo(plain, 6);
  });

  test('a batch without labels costs nothing and moves nothing', () => {
    const targets = targetsOf([-100, -100]);
    const { value, grads } = valueAndGrads((x: Tensor) => crossEntropy(x, targets))([
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ]);
    expect(Math.abs(floats(value)[0]!)).toBe(0);
    expect(floats(grads[0]!).map(Math.abs)).toEqual(new Float32Array(4));
  });

  test('logits of ±10⁴ stay finite', () => {
    const loss = floats(crossEntropy(tensor([[1e4, -1e4]]), targetsOf([1])))[0]!;
    expect(loss).toBeCloseTo(2e4, 2);
  });
});

describe.each(Object.entries(reference.uncertainty))('uncertainty weighting, %s', (_name, given) => {
  test("has PyTorch's value and gradients", () => {
    const stream = numbers(given.seed);
    const [losses, logVariances] = [tensor(draw(stream, 3, 1, 1)), tensor(draw(stream, 3, 2))] as Tensor[];
    const present = tensor(given.present);
    const { value, grads } = valueAndGrads((l: Tensor, s: Tensor) => uncertaintyWeighting(l, s, present))([
      losses!,
      logVariances!,
    ]);
    expect(Math.abs(floats(value)[0]! - given.loss)).toBeLessThan(1e-5);
    expectClose(floats(grads[0]!), given.lossGradients, 1e-5, 'of the losses');
    expectClose(floats(grads[1]!), given.logVarianceGradients, 1e-5, 'of the log variances');
  });
});

test('a task is in balance where its weight is 1 / 2L', () => {
  // ∂/∂s (e^(−s) L + s/2) = −e^(−s) L + 1/2 vanishes at e^(−s) = 1 / (2L).
  const { grads } = valueAndGrads((s: Tensor) => uncertaintyWeighting(tensor([4]), s, tensor([1])))([
    tensor([Math.log(8)]),
  ]);
  expect(Math.abs(floats(grads[0]!)[0]!)).toBeLessThan(1e-6);
});

test('fixed weights add up', () => {
  expect(floats(fixedWeighting(tensor([2, 3]), tensor([0.5, 10])))[0]).toBe(31);
});
