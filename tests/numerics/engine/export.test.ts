import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { onnx } from '../../../gpu-worker/engine/onnx/generated/onnx.js';
import type { ForwardFunction } from '../../../gpu-worker/engine/types.js';
import { expectClose, openEngine, referenceEngine, uniform } from './compare.js';

const random = uniform(5);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random() - 0.5);
const specs = [
  { name: 'weight', shape: [8, 4], trainable: true, decay: true },
  { name: 'bias', shape: [8], trainable: false, decay: false },
];
const values = new Map([
  ['weight', draw(32)],
  ['bias', draw(8)],
]);
const inputs = { x: { shape: [3, 4], dtype: 'float32' } } as const;
const x = draw(12);

/** Transposed and scaled products, a segment sum: what is written with ONNX Runtime's own operators for our own sessions. */
const forward: ForwardFunction = ({ weight, bias }, { x }) => {
  const hidden = tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D, false, true), bias!);
  const gram = tf.div(tf.matMul(hidden as tf.Tensor2D, hidden as tf.Tensor2D, true, false), 3);
  return { hidden, gram, same: hidden, sums: tf.unsortedSegmentSum(hidden, tf.tensor1d([1, 0, 1], 'int32'), 2) };
};

test("an exported graph has ONNX's own operators alone, and gives the same outputs in another session", async () => {
  const engine = await openEngine();
  const store = engine.createParameters(specs, values);
  const compiled = await engine.compileForward(store, inputs, forward);
  store.value('weight')[0] = 0.25;
  const file = compiled.toOnnx();

  const model = onnx.ModelProto.decode(file);
  expect([...new Set(model.graph!.node!.map(({ domain }) => domain ?? ''))]).toEqual(['']);
  expect(model.graph!.input!.map(({ name }) => name)).toEqual(['x']);
  expect(model.graph!.output!.map(({ name }) => name)).toEqual(['hidden', 'gram', 'same', 'sums']);

  const session = await InferenceSession.create(file);
  const served = await session.run({ x: new Tensor('float32', x, [3, 4]) });
  const own = await compiled.run({ x });
  for (const [name, output] of Object.entries(own)) expectClose(served[name]!.data as Float32Array, output, name);
  await session.release();
  await engine.release();
});

test('eager execution exports the same file', async () => {
  const [graph, eager] = await Promise.all(
    [await openEngine(), referenceEngine()].map(async (engine) =>
      (await engine.compileForward(engine.createParameters(specs, values), inputs, forward)).toOnnx(),
    ),
  );
  expect(Buffer.compare(graph!, eager!)).toBe(0);
});
