import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine, ForwardFunction } from '../../../gpu-worker/engine/types.js';
import { openEngine, referenceEngine } from './compare.js';

const special = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2.5,
  -2.5,
  1e-30,
  -1e-30,
  1e30,
  -1e30,
  88,
  -88,
  1e-4,
];
const n = special.length;

const unaries: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  neg: tf.neg,
  abs: tf.abs,
  floor: tf.floor,
  ceil: tf.ceil,
  round: tf.round,
  square: tf.square,
  exp: tf.exp,
  expm1: tf.expm1,
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  relu: tf.relu,
  sign: tf.sign,
  erf: tf.erf,
  clip: (x) => tf.clipByValue(x, -0.7, 0.9),
  elu: tf.elu,
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  step: (x) => tf.step(x),
  isNaN: tf.isNaN,
  isInf: tf.isInf,
  isFinite: tf.isFinite,
  not: (x) => tf.logicalNot(tf.greater(x, 0)),
};

const binaries: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  pow: tf.pow,
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
  where: (a, b) => tf.where(tf.greater(a, b), a, b),
};

let compiled: Engine;
const reference = referenceEngine();
beforeAll(async () => {
  compiled = await openEngine();
});
afterAll(() => compiled.release());

async function both(
  forward: ForwardFunction,
  feeds: Readonly<Record<string, Float32Array | Int32Array>>,
): Promise<[string, number, number, number][]> {
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, data]) => [
      name,
      { shape: [data.length], dtype: data instanceof Float32Array ? 'float32' : 'int32' } as const,
    ]),
  );
  const [actual, expected] = await Promise.all(
    [compiled, reference].map(async (engine) => {
      const function_ = await engine.compileForward(engine.createParameters([], new Map()), inputs, forward);
      return function_.run(feeds);
    }),
  );
  return Object.entries(expected!).flatMap(([name, values]) =>
    Array.from(values, (value, index): [string, number, number, number] => [
      name,
      index,
      actual![name]![index]!,
      value,
    ]),
  );
}

function same(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  return a === b || Math.abs(a - b) <= 2e-6 * Math.abs(b) + 1e-37;
}

test('unary functions of NaN, infinities, zeros and extremes are those of tfjs', async () => {
  const forward: ForwardFunction = (_, { x }) =>
    Object.fromEntries(Object.entries(unaries).map(([name, apply]) => [name, apply(x!)]));
  const differences = (await both(forward, { x: Float32Array.from(special) }))
    .filter(([, , actual, expected]) => !same(actual, expected))
    .map(([name, index, actual, expected]) => `${name}(${special[index]}) = ${actual}, tfjs ${expected}`);
  // tfjs's sign knows no NaN, its erf is an approximation to 1.5e-7; NaN counts as not positive for our step.
  expect(differences.map((difference) => difference.replace(/ = .*/, ''))).toEqual([
    'sign(NaN)',
    'erf(1e-30)',
    'erf(-1e-30)',
    'erf(0.0001)',
    'step(NaN)',
  ]);
});

test('binary functions of every pair of them', async () => {
  const a = Float32Array.from({ length: n * n }, (_, index) => special[Math.floor(index / n)]!);
  const b = Float32Array.from({ length: n * n }, (_, index) => special[index % n]!);
  const forward: ForwardFunction = (_, { a, b }) =>
    Object.fromEntries(Object.entries(binaries).map(([name, apply]) => [name, apply(a!, b!)]));
  const differences = (await both(forward, { a, b }))
    .filter(([, , actual, expected]) => !same(actual, expected))
    .map(([name, index, actual, expected]) => `${name}(${a[index]}, ${b[index]}) = ${actual}, tfjs ${expected}`);
  // IEEE 754's pow gives 1 for these; JavaScript's gives NaN.
  expect(differences).toEqual([
    'pow(1, NaN) = 1, tfjs NaN',
    'pow(1, Infinity) = 1, tfjs NaN',
    'pow(1, -Infinity) = 1, tfjs NaN',
    'pow(-1, Infinity) = 1, tfjs NaN',
    'pow(-1, -Infinity) = 1, tfjs NaN',
  ]);
});

test('integers divide towards minus infinity, and their remainder has the sign of the divisor', async () => {
  const a = Int32Array.of(7, 7, -7, -7, 6, -6, 2 ** 31 - 1, -(2 ** 31) + 1, 0);
  const b = Int32Array.of(2, -2, 2, -2, 3, 3, 10, 10, 5);
  const results = await both((_, { a, b }) => ({ div: tf.div(a!, b!), mod: tf.mod(a!, b!) }), { a, b });
  expect(results.map(([, , actual]) => actual)).toEqual([
    ...[3, -4, -4, 3, 2, -2, 214748364, -214748365, 0],
    ...[1, -1, 1, -1, 0, 0, 7, 3, 0],
  ]);
  for (const [name, index, actual, expected] of results)
    expect(actual, `${name} ${a[index]} ${b[index]}`).toBe(expected);
});
