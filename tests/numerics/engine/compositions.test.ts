import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, LossFunction } from '../../../gpu-worker/engine/types.js';
import {
  expectClose,
  liveTensors,
  openEngine,
  type Problem,
  referenceEngine,
  sizeOf,
  solve,
  uniform,
} from './compare.js';

type Tensor = tf.Tensor;

const maxElements = 200;

/** Smooth and bounded, so that a chain of them neither overflows nor amplifies rounding. */
const unaries: readonly ((x: Tensor) => Tensor)[] = [
  tf.tanh,
  tf.sigmoid,
  tf.sin,
  tf.cos,
  tf.erf,
  tf.relu,
  tf.neg,
  tf.softplus,
  (x) => tf.abs(tf.sub(x, 0.123)),
  (x) => tf.exp(tf.neg(tf.square(x))),
  (x) => tf.sqrt(tf.add(tf.square(x), 1)),
  (x) => tf.rsqrt(tf.add(tf.square(x), 1)),
  (x) => tf.log(tf.add(tf.square(x), 0.5)),
  (x) => tf.leakyRelu(x, 0.1),
  (x) => tf.elu(x),
  (x) => tf.clipByValue(x, -0.7, 0.9),
  (x) => tf.where(tf.greater(x, 0.21), tf.mul(x, 0.5), tf.sub(x, 0.3)),
  (x) => tf.cast(tf.logicalNot(tf.greater(x, 0.1)), 'float32'),
  (x) => tf.tanh(tf.reciprocal(tf.add(tf.square(x), 0.5))),
];

const binaries: readonly ((a: Tensor, b: Tensor) => Tensor)[] = [
  tf.add,
  tf.sub,
  (a, b) => tf.mul(tf.tanh(a), tf.tanh(b)),
  (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  (a, b) => tf.div(tf.tanh(a), tf.add(tf.abs(tf.tanh(b)), 0.5)),
  (a, b) => tf.pow(tf.add(tf.square(tf.tanh(a)), 0.5), tf.tanh(b)),
];

/** Reshape, move, cut, repeat, reduce. The axis is any of the tensor's, sometimes counted from the end. */
const structural: readonly ((x: Tensor, axis: number) => Tensor)[] = [
  (x, axis) => tf.sum(tf.mul(x, 0.3), axis),
  (x, axis) => tf.sum(tf.mul(x, 0.3), axis, true),
  (x, axis) => tf.mean(x, axis),
  (x, axis) => tf.mean(x, axis, true),
  (x, axis) => tf.max(x, axis),
  (x, axis) => tf.min(x, axis, true),
  (x) => tf.sum(tf.tanh(x)),
  (x) => tf.softmax(x),
  (x) => tf.logSoftmax(x),
  (x) => tf.transpose(x),
  (x) => tf.reshape(x, [-1]),
  (x, axis) => tf.expandDims(x, axis),
  (x, axis) => tf.concat([x, tf.neg(x)], axis),
  (x) => tf.stack([x, tf.tanh(x)], -1),
  (x) => tf.unstack(tf.concat([x, x], 0), 0)[1]!,
  (x) => tf.reverse(x, 0),
  (x) =>
    tf.pad(
      x,
      x.shape.map((_, axis): [number, number] => [axis % 2, 1 - (axis % 2)]),
    ),
  (x) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => 1 + (axis % 2)),
    ),
  (x) =>
    tf.slice(
      x,
      x.shape.map((dimension) => (dimension > 1 ? 1 : 0)),
    ),
  (x) => tf.cumsum(tf.mul(x, 0.3), x.rank - 1),
  (x) => tf.gather(x, tf.tensor1d([0, x.shape[0]! - 1, 0], 'int32')),
  (x) => tf.mul(x, tf.mean(tf.oneHot(tf.range(0, x.shape.at(-1)!, 1, 'int32'), 5), -1)),
  (x) => {
    const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
    return tf.tanh(tf.div(tf.matMul(rows, rows, false, true), Math.sqrt(x.shape.at(-1)!)));
  },
  (x) => {
    const rows = tf.reshape(x, [-1, x.shape.at(-1)!]) as tf.Tensor2D;
    return tf.tanh(tf.matMul(tf.transpose(rows), tf.mul(rows, 0.2)));
  },
];

interface Instruction {
  readonly kind: 'unary' | 'binary' | 'structural';
  readonly which: number;
  readonly operands: readonly [number, number];
  readonly axis: number;
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  kind: fc.constantFrom('unary', 'binary', 'structural'),
  which: fc.nat({ max: 1000 }),
  operands: fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 })),
  axis: fc.integer({ min: -4, max: 3 }),
});

function pick<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length]!;
}

/** Whether NumPy's rule lets two shapes meet. */
function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  const [x, y] = [a.toReversed(), b.toReversed()];
  return x.every((dimension, axis) => dimension === 1 || (y[axis] ?? 1) === 1 || dimension === y[axis]);
}

function execute({ kind, which, operands, axis }: Instruction, pool: readonly Tensor[]): Tensor {
  // The latest results are the likeliest operands, so that chains grow long.
  const [a, b] = operands.map((index) => pool.at(-1 - (index % Math.min(pool.length, 4)))!) as [Tensor, Tensor];
  if (kind === 'unary') return pick(unaries, which)(a);
  if (kind === 'binary') return pick(binaries, which)(a, broadcasts(a.shape, b.shape) ? b : tf.mean(b));
  if (a.rank === 0 || a.rank > 4) return tf.tanh(tf.reshape(a, [-1]));
  return pick(structural, which)(a, axis < 0 ? -1 - (-axis % a.rank) : axis % a.rank);
}

function problemOf(shapes: readonly (readonly number[])[], program: readonly Instruction[], seed: number): Problem {
  const random = uniform(seed);
  const parameters = shapes.map((shape, index) => ({
    spec: { name: `p${index}`, shape, trainable: true, decay: true },
    values: Float32Array.from({ length: sizeOf(shape) }, () => 3 * random() - 1.5),
  }));
  const loss: LossFunction = (tensors) => {
    const pool = parameters.map(({ spec }) => tensors[spec.name]!);
    for (const step of program) {
      const result = execute(step, pool);
      if (result.size <= maxElements) pool.push(result);
    }
    const terms = pool.map((tensor, index) => tf.mean(tf.sin(tf.add(tensor, index * 0.1))));
    const metrics = Object.fromEntries(pool.map((tensor, index) => [`value ${index}`, tensor]));
    return { loss: tf.addN(terms) as tf.Scalar, metrics };
  };
  return { parameters, inputs: {}, feeds: {}, loss };
}

let compiled: Engine;
const reference = referenceEngine();

beforeAll(async () => {
  compiled = await openEngine();
});
afterAll(() => compiled.release());

test('random programs of every operation give the values and gradients of tfjs', async () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(shape, { minLength: 2, maxLength: 3 }),
      fc.array(instruction, { minLength: 4, maxLength: 24 }),
      fc.nat(),
      async (shapes, program, seed) => {
        const problem = problemOf(shapes, program, seed);
        const [actual, expected] = [await solve(compiled, problem), await solve(reference, problem)];
        expectClose([actual.loss], [expected.loss], 'loss');
        for (const [name, values] of Object.entries(expected.metrics)) {
          expectClose(actual.metrics[name]!, values, name, 1e-3);
        }
        for (const [name, values] of expected.gradients) {
          expectClose(actual.gradients.get(name)!, values, `gradient of ${name}`, 2e-3);
        }
      },
    ),
    { numRuns: 120, seed: 7 },
  );
  expect(liveTensors()).toBe(0);
});
