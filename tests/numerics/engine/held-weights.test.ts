import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdMatrix } from '../../../gpu-worker/engine/held/held-matrix.js';
import type { Engine, LossFunction, ParameterSpec, ParameterStore } from '../../../gpu-worker/engine/types.js';
import { type AdamWOptions, adamwRule } from '../../../gpu-worker/optim/coefficients.js';
import type { FrozenWeights } from '../../../src/protocol/frozen-weights.js';
import reference from '../reference/block-quantization.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';
import { openEngine, referenceEngine } from './compare.js';

const formats = ['float16', 'int8', 'int4'] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('cpu', 2);
});
afterAll(() => engine.release());

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function floats(base64: string): Float32Array {
  return new Float32Array(bytes(base64).buffer);
}

describe.each(reference.cases)('$bits bits', ({ bits, codes, scales, zeroPoints }) => {
  const format = bits === 4 ? 'int4' : 'int8';
  const matrix = holdMatrix('w', reference.shape, format);
  matrix.write(floats(reference.weights));
  const { parts } = matrix;

  test("codes, scales and zero points are those of ONNX Runtime's own quantizer, bit by bit", () => {
    expect(parts.codes!.data).toEqual(bytes(codes));
    expect(parts.scales!.data).toEqual(floats(scales));
    // The quantizer packs two zero points of 4 bits into a byte, and each row of three blocks begins with a byte.
    const packed = bytes(zeroPoints);
    const expected =
      bits === 8 ? packed : [...packed].flatMap((byte, i) => (i % 2 === 0 ? [byte & 15, byte >> 4] : byte & 15));
    expect([...parts.zeroPoints!.data]).toEqual([...expected]);
  });

  test('a number comes back within half a step of its block', () => {
    const values = floats(reference.weights);
    const back = matrix.read();
    for (const [i, value] of values.entries()) {
      const scale = parts.scales!.data[Math.floor(i / 32)]!;
      // Below 2⁻¹²⁶ a step has no inverse.
      if (Math.abs(scale) < 2 ** -126 && value !== 0) continue;
      expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(0.502 * scale);
    }
  });
});

test('numbers that are not finite stay so', () => {
  for (const format of ['int8', 'int4'] as const) {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const matrix = holdMatrix('w', [1, 64], format);
      matrix.write(new Float32Array(64).fill(0.5).fill(bad, 3, 4));
      expect(matrix.read().slice(0, 32).some(Number.isFinite)).toBe(false);
      expect(matrix.read().slice(32)).toEqual(new Float32Array(32).fill(0.5));
    }
  }
});

/**
 * Rows of a table, two projections of which the second is stored with its inputs first, and low-rank terms beside them:
 * x [N,32], u [64,32], v [64,32].
 */
const sizes = { V: 40, H: 32, F: 64, R: 4, N: 6 };
const { V, H, F, R, N } = sizes;

function specs(format: FrozenWeights | undefined): ParameterSpec[] {
  const frozen = (name: string, shape: number[]): ParameterSpec => {
    const spec = { name, shape, trainable: false, decay: true };
    const asTable = format === undefined ? undefined : name === 'table' ? 'float16' : format;
    return asTable === undefined ? spec : { ...spec, format: asTable };
  };
  const trained = (name: string, shape: number[]) => ({ name, shape, trainable: true, decay: true });
  return [
    frozen('table', [V, H]),
    frozen('up', [F, H]),
    frozen('down', [F, H]),
    trained('upA', [R, H]),
    trained('upB', [F, R]),
    trained('downA', [R, F]),
    trained('downB', [H, R]),
    trained('shift', [H]),
  ];
}

const values = new Map(
  specs(undefined).map(({ name, shape }, index) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    return [name, draw(numbers(index + 3), size, name.endsWith('B') ? 0.05 : 0.6)] as const;
  }),
);

const inputs = {
  ids: { shape: ['rows'], dtype: 'int32' },
  wanted: { shape: ['rows', H], dtype: 'float32' },
} as const;
const feeds = {
  ids: Int32Array.from({ length: N }, (_, i) => (7 * i + 3) % V),
  wanted: draw(numbers(99), N * H, 1),
};

const loss: LossFunction = (w, x, random) => {
  const of = (name: string) => w[name] as tf.Tensor2D;
  const rows = tf.add(tf.gather(of('table'), x.ids as tf.Tensor1D), of('shift')) as tf.Tensor2D;
  const low = (y: tf.Tensor2D, name: string) =>
    tf.mul(
      tf.matMul(
        tf.matMul(random.dropout(y, 0.1) as tf.Tensor2D, of(`${name}A`), false, true),
        of(`${name}B`),
        false,
        true,
      ),
      2,
    );
  const wide = tf.tanh(tf.add(tf.matMul(rows, of('up'), false, true), low(rows, 'up'))) as tf.Tensor2D;
  const narrow = tf.add(tf.matMul(wide, of('down')), low(wide, 'down'));
  return { loss: tf.sum(tf.square(tf.sub(narrow, x.wanted as tf.Tensor2D))) as tf.Scalar, metrics: { narrow } };
};

const adamw: AdamWOptions = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

async function train(on: Engine, store: ParameterStore, steps: number): Promise<number[]> {
  const step = await on.compileStep(store, inputs, loss);
  const losses: number[] = [];
  for (let index = 0; index < steps; index++) {
    const { loss: measured } = await step.run(feeds, { seed: 5, step: index, scale: 1, sizes: { rows: N } });
    losses.push(measured);
    store.update(adamwRule(adamw));
  }
  await step.release();
  return losses;
}

describe.each(formats)('frozen weights as %s', (format) => {
  /** The same model with the numbers that the held matrices stand for, as float32. */
  function pair() {
    const held = engine.createParameters(specs(format), values);
    const expanded = new Map(held.specs.map(({ name }) => [name, held.read(name).slice()]));
    return { held, expanded };
  }

  test('fifty steps are those on float32 weights that were expanded beforehand', async () => {
    const { held, expanded } = pair();
    const plain = engine.createParameters(specs(undefined), expanded);
    const tfjs = referenceEngine();
    const reference = tfjs.createParameters(specs(undefined), expanded);
    const losses = await train(engine, held, 50);
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
    const [ofPlain, ofTfjs] = [await train(engine, plain, 50), await train(tfjs, reference, 50)];
    for (const [index, measured] of losses.entries()) {
      expect(Math.abs(measured - ofPlain[index]!) / ofPlain[index]!).toBeLessThan(1e-5);
      expect(Math.abs(measured - ofTfjs[index]!) / ofTfjs[index]!).toBeLessThan(1e-3);
    }
    for (const { name } of specs(undefined).filter(({ trainable }) => trainable)) {
      for (const [i, value] of held.value(name).entries()) {
        expect(Math.abs(value - plain.value(name)[i]!)).toBeLessThan(1e-4);
      }
    }
    for (const store of [held, plain, reference]) store.release();
  });

  test('a forward graph, of fixed sizes or any, gives what float32 gives', async () => {
    const { held, expanded } = pair();
    const plain = engine.createParameters(specs(undefined), expanded);
    const forward = (w: Parameters<LossFunction>[0], x: Parameters<LossFunction>[1]) =>
      loss(w, x, { dropout: (y) => y, dropoutMask: (shape) => tf.ones([...shape]) }).metrics!;
    const fixed = { ids: { shape: [N], dtype: 'int32' }, wanted: { shape: [N, H], dtype: 'float32' } } as const;
    const outputs: Float32Array[] = [];
    for (const store of [held, plain]) {
      const ofSize = await engine.compileForward(store, fixed, forward, { frozen: true });
      outputs.push((await ofSize.run({ ids: feeds.ids, wanted: feeds.wanted })).narrow as Float32Array);
      const ofAny = await engine.compileDynamicForward(store, inputs, forward);
      outputs.push((await ofAny.run(feeds, { rows: N })).narrow as Float32Array);
      for (const graph of [ofSize, ofAny]) await graph.release();
    }
    const [first, ...others] = outputs as [Float32Array, ...Float32Array[]];
    for (const other of others) {
      for (const [i, value] of other.entries()) expect(Math.abs(value - first[i]!)).toBeLessThan(1e-5);
    }
    held.release();
    plain.release();
  });

  test('has no values or gradient to change, and says so', () => {
    const store = engine.createParameters(specs(format), values);
    expect(() => store.value('up')).toThrow(`Parameter up is held as ${format}: it has no float32 values.`);
    expect(() => store.gradient('up')).toThrow('frozen');
    store.write('up', new Float32Array(F * H).fill(0.25));
    expect(store.read('up')).toEqual(new Float32Array(F * H).fill(0.25));
    store.release();
  });
});

test.each(formats)('%s: matrices are expanded one at a time', async (format) => {
  const [layers, width] = [32, 1024];
  const names = Array.from({ length: layers }, (_, layer) => `w${layer}`);
  const stack: ParameterSpec[] = [
    ...names.map((name) => ({ name, shape: [width, width], trainable: false, decay: true, format })),
    { name: 'shift', shape: [width], trainable: true, decay: false },
  ];
  const store = engine.createParameters(stack);
  const eye = new Float32Array(width * width).map((_, i) => (i % (width + 1) === 0 ? 1 : 0));
  for (const name of names) store.write(name, eye);
  const step = await engine.compileStep(store, { x: { shape: [2, width], dtype: 'float32' } }, (w, { x }) => {
    const start = tf.add(x as tf.Tensor2D, w.shift as tf.Tensor1D) as tf.Tensor2D;
    const end = names.reduce((y, name) => tf.tanh(tf.matMul(y, w[name] as tf.Tensor2D, false, true)), start);
    return { loss: tf.sum(end) as tf.Scalar };
  });
  const before = process.memoryUsage().rss;
  for (let index = 0; index < 3; index++) {
    await step.run({ x: new Float32Array(2 * width).fill(0.1) }, { seed: 1, step: index, scale: 1 });
  }
  // What a session has taken it keeps, so that this is its peak. All matrices as float32 would take 128 MiB.
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  expect(grown).toBeLessThan(64);
  await step.release();
  store.release();
});

test('rows that are no whole number of blocks, trained parameters and vectors are refused', () => {
  const create = (spec: Partial<ParameterSpec>) =>
    engine.createParameters([{ name: 'w', shape: [4, 40], trainable: false, decay: true, ...spec }]);
  expect(() => create({ format: 'int4' })).toThrow('a multiple of 32');
  expect(() => create({ format: 'int8', shape: [64] })).toThrow('is no matrix');
  expect(() => create({ format: 'float16', trainable: true })).toThrow('is trained');
  expect(create({ format: 'float16' }).read('w')).toEqual(new Float32Array(160));
});
