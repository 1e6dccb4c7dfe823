import { reshape, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { binaryCrossEntropy } from '../../../gpu-worker/losses/binary-cross-entropy.js';
import { crossEntropy } from '../../../gpu-worker/losses/cross-entropy.js';
import { meanSquaredError } from '../../../gpu-worker/losses/mean-squared-error.js';
import { openEngine, solve } from '../engine/compare.js';
import { differences, expectClose, floats } from '../nn/differentiate.js';
import reference from '../reference/head-losses.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

type Loss = (outputs: Tensor) => Tensor;
interface Expected {
  readonly loss: number;
  readonly gradient: readonly number[];
}

/** A scalar loss and its gradient [outputs], by tfjs. */
function eager(loss: Loss, outputs: Tensor): { readonly loss: number; readonly gradient: Float32Array } {
  const { value, grads } = valueAndGrads(loss)([outputs]);
  return { loss: floats(value)[0]!, gradient: floats(grads[0]!) };
}

/** The same by one compiled step, the outputs being the parameter and all else fed. */
async function compiled(
  loss: (outputs: Tensor, fed: Record<string, Tensor>) => Tensor,
  outputs: Tensor,
  fed: Record<string, Tensor>,
): Promise<{ readonly loss: number; readonly gradient: Float32Array }> {
  const solution = await solve(engine, {
    parameters: [
      { spec: { name: 'outputs', shape: outputs.shape, trainable: true, decay: false }, values: floats(outputs) },
    ],
    inputs: Object.fromEntries(
      Object.entries(fed).map(([name, { shape, dtype }]) => [name, { shape, dtype: dtype as 'float32' | 'int32' }]),
    ),
    feeds: Object.fromEntries(Object.entries(fed).map(([name, value]) => [name, value.dataSync<'float32'>()])),
    loss: ({ outputs }, inputs) => ({ loss: loss(outputs!, inputs as Record<string, Tensor>) }),
  });
  return { loss: solution.loss, gradient: solution.gradients.get('outputs')! };
}

function expectSame(actual: { loss: number; gradient: Float32Array }, expected: Expected): void {
  expect(Math.abs(actual.loss - expected.loss) / expected.loss).toBeLessThan(1e-5);
  expectClose(actual.gradient, expected.gradient, 1e-5, 'gradient');
}

/** One loss against PyTorch, eager and compiled, and against differences of its own values. */
function check(
  loss: (outputs: Tensor, fed: Record<string, Tensor>) => Tensor,
  outputs: Tensor,
  fed: Record<string, Tensor>,
  expected: Expected,
): void {
  test("has PyTorch's value and gradient", () =>
    expectSame(
      eager((x) => loss(x, fed), outputs),
      expected,
    ));

  test('has them as a compiled step, too', async () => expectSame(await compiled(loss, outputs, fed), expected));

  test('has the gradient that differences of its values show', () => {
    const [measured] = differences((x) => loss(x!, fed), [outputs], Float32Array.of(1), 2 ** -5);
    expectClose(eager((x) => loss(x, fed), outputs).gradient, measured!, 1e-2, 'gradient');
  });
}

describe.each(Object.entries(reference.binaryCrossEntropy))('binary cross-entropy, %s', (_name, given) => {
  const weights: Record<string, Tensor> =
    given.positiveWeights === null ? {} : { positiveWeights: tensor(given.positiveWeights) };
  check(
    (logits, { targets, present, positiveWeights }) =>
      binaryCrossEntropy(logits, targets!, {
        present: present!,
        ...(positiveWeights === undefined ? {} : { positiveWeights }),
      }),
    tensor(draw(numbers(given.seed), 20, given.scale), [5, 4]),
    {
      targets: tensor(given.targets, undefined, 'float32'),
      present: tensor(given.present, undefined, 'float32'),
      ...weights,
    },
    given,
  );
});

describe.each(Object.entries(reference.meanSquaredError))('mean squared error, %s', (_name, given) => {
  const stream = numbers(given.seed);
  const [outputs, targets] = [tensor(draw(stream, 12, 4), [4, 3]), tensor(draw(stream, 12, 3), [4, 3])] as Tensor[];
  check(
    (outputs, { targets, present }) => meanSquaredError(outputs, targets!, present!),
    outputs!,
    { targets: targets!, present: tensor(given.present, undefined, 'float32') },
    given,
  );
});

describe.each(Object.entries(reference.tokenCrossEntropy))('cross-entropy of tags, %s', (_name, given) => {
  const weights: Record<string, Tensor> =
    given.classWeights === null ? {} : { classWeights: tensor(given.classWeights) };
  check(
    (logits, { tags, classWeights }) =>
      crossEntropy(reshape(logits, [-1, 4]), reshape(tags!, [-1]), classWeights === undefined ? {} : { classWeights }),
    tensor(draw(numbers(given.seed), 72, 6), [3, 6, 4]),
    { tags: tensor(given.tags, undefined, 'int32'), ...weights },
    given,
  );
});

describe('by hand', () => {
  test('logits of 0 cost ln 2 a label, whatever the targets', () => {
    const loss = binaryCrossEntropy(tensor([[0, 0, 0]]), tensor([[1, 0, 1]]), { present: tensor([1]) });
    expect(floats(loss)[0]).toBeCloseTo(Math.log(2), 6);
  });

  test('a positive label that weighs 3 costs 3 ln 2, and the divisor stays a count', () => {
    const options = { present: tensor([1]), positiveWeights: tensor([3, 3]) };
    expect(floats(binaryCrossEntropy(tensor([[0, 0]]), tensor([[1, 0]]), options))[0]).toBeCloseTo(2 * Math.log(2), 6);
  });

  test('logits of ±10⁴ stay finite: 10⁴ where wrong, 0 where right', () => {
    const { loss, gradient } = eager(
      (x) => binaryCrossEntropy(x, tensor([[1, 0, 1, 0]]), { present: tensor([1]) }),
      tensor([[-1e4, 1e4, 1e4, -1e4]]),
    );
    expect(loss).toBeCloseTo(5e3, 2);
    expect([...gradient]).toEqual([-0.25, 0.25, 0, 0]);
  });

  test('errors of 1 and 3 make 5, with gradients 1 and 3', () => {
    const { loss, gradient } = eager(
      (x) => meanSquaredError(x, tensor([[1, 1, 99]]), tensor([[1, 1, 0]])),
      tensor([[2, 4, 5]]),
    );
    expect(loss).toBe(5);
    expect(gradient.map(Math.abs)).toEqual(Float32Array.of(1, 3, 0));
  });

  test('a batch in which nothing is present costs nothing and moves nothing', () => {
    const outputs = tensor([
      [1, 2],
      [3, 4],
    ]);
    const targets = tensor([
      [1, 0],
      [0, 1],
    ]);
    for (const loss of [
      (x: Tensor) => binaryCrossEntropy(x, targets, { present: tensor([0, 0]) }),
      (x: Tensor) => meanSquaredError(x, targets, tensor([0, 0, 0, 0], [2, 2])),
    ]) {
      const found = eager(loss, outputs);
      expect(found.loss).toBe(0);
      expect(found.gradient.map(Math.abs)).toEqual(new Float32Array(4));
    }
  });
});
