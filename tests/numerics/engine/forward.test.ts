import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../../gpu-worker/engine/graph/builder.js';
import { writeOnnx } from '../../../gpu-worker/engine/onnx/write.js';
import type { CompiledForward, Engine, Feeds, ForwardFunction } from '../../../gpu-worker/engine/types.js';
import { gelu } from '../../../gpu-worker/nn/gelu.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { expectClose, openEngine, referenceEngine, uniform } from './compare.js';

const [N, I, O] = [5, 12, 8];
const random = uniform(23);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => 2 * random() - 1);
const shapes = { weight: [O, I], bias: [O], gain: [O], shift: [O] };
const specs = Object.entries(shapes).map(([name, shape]) => ({ name, shape, trainable: true, decay: true }));
const values = new Map(specs.map(({ name, shape }) => [name, draw(shape.reduce((a, b) => a * b, 1))]));
const inputs = { x: { shape: [N, I], dtype: 'float32' }, rows: { shape: [2], dtype: 'int32' } } as const;
const feeds = { x: draw(N * I), rows: Int32Array.of(4, 0) };

/** A layer as encoders have it; float32, int32 and bool outputs. */
const forward: ForwardFunction = ({ weight, bias, gain, shift }, { x, rows }) => {
  const projected = linear(x!, weight!, bias!);
  const normed = layerNorm(gelu(projected), gain!, shift!, 1e-12);
  return {
    normed,
    chosen: tf.gather(normed, rows as tf.Tensor1D),
    best: tf.argMax(normed, -1),
    high: tf.greater(normed, 1),
  };
};

let engine: Engine;
let reference: Readonly<Record<string, Float32Array | Int32Array>>;
beforeAll(async () => {
  engine = await openEngine();
  const eager = referenceEngine();
  reference = await (await eager.compileForward(eager.createParameters(specs, values), inputs, forward)).run(feeds);
});
afterAll(() => engine.release());

const compile = (frozen: boolean): Promise<CompiledForward> =>
  engine.compileForward(engine.createParameters(specs, values), inputs, forward, { frozen });

test.each([false, true])('a compiled function gives what tfjs gives, parameters frozen: %s', async (frozen) => {
  const outputs = await (await compile(frozen)).run(feeds);
  expect(Object.keys(outputs)).toEqual(Object.keys(reference));
  for (const [name, output] of Object.entries(outputs)) {
    expect(output.constructor, name).toBe(reference[name]!.constructor);
    expectClose(output, reference[name]!, name);
  }
});

describe('a feed that does not fit', () => {
  const missing: Feeds = { x: feeds.x };
  test.each<[string, Feeds, RegExp]>([
    ['missing', missing, /input rows is missing/],
    ['unknown', { ...feeds, y: feeds.x }, /no input y/],
    ['too short', { ...feeds, x: draw(3) }, /x \[5,12\] has 3 elements/],
    ['of another type', { ...feeds, rows: Float32Array.of(0, 1) }, /rows must hold int32/],
    ['of another type', { ...feeds, x: new Int32Array(N * I) }, /x must hold float32/],
  ])('is refused: %s', async (_, wrong, message) => {
    const compiled = await compile(true);
    await expect(compiled.run(wrong)).rejects.toMatchObject({
      code: 'INVALID_FEED',
      message: expect.stringMatching(message),
    });
    expectClose((await compiled.run(feeds)).normed!, reference.normed!, 'after the refusal');
  });

  test('is refused by a training step, and leaves the gradients alone', async () => {
    const store = engine.createParameters(specs, values);
    const step = await engine.compileStep(store, inputs, (parameters, tensors) => ({
      loss: tf.mean(forward(parameters, tensors).chosen!),
    }));
    const options = { seed: 1, step: 0, scale: 1 };
    await expect(step.run({ x: feeds.x }, options)).rejects.toMatchObject({ code: 'INVALID_FEED' });
    for (const { name } of specs) {
      expect(store.gradient(name).every((value) => value === 0)).toBe(true);
    }
    await expect(step.run(feeds, options)).resolves.toMatchObject({ metrics: {} });
    await step.release();
  });
});

test('a graph with more constants than an ONNX file holds is refused', () => {
  const builder = new GraphBuilder();
  const rows = 2 ** 14;
  const [a, b] = ['a', 'b'].map((name) => builder.input(name, [rows, rows], 'float32'));
  const sum = builder.node('Add', [a!, b!], { shape: [rows, rows], type: 'float32' });
  // A gigabyte that nothing touches is not committed.
  const gigabyte = new Float32Array(rows * rows);
  const write = () =>
    writeOnnx(
      builder.finish([{ name: 'sum', value: sum }]),
      new Map([
        ['a', gigabyte],
        ['b', gigabyte],
      ]),
    );
  expect(write).toThrow(expect.objectContaining({ code: 'GRAPH_TOO_LARGE' }));
});
