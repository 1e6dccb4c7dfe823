import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../../gpu-worker/engine/errors.js';
import { traceBackend } from '../../../gpu-worker/engine/trace/backend.js';
import { traceForward, traceStep } from '../../../gpu-worker/engine/trace/functions.js';
import type { InputSpec, LossFunction, Tensors } from '../../../gpu-worker/engine/types.js';

const inputs: Readonly<Record<string, InputSpec>> = { x: { shape: [4, 4], dtype: 'float32' } };
const weight = { name: 'weight', shape: [4, 4], trainable: true, decay: true };

function forward(body: (x: tf.Tensor2D) => tf.Tensor): () => unknown {
  return () => traceForward([], inputs, (_, { x }) => ({ y: body(x as tf.Tensor2D) }));
}

function step(loss: LossFunction): () => unknown {
  return () => traceStep([weight], inputs, loss);
}

function failure(action: () => unknown): EngineError {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

// After errors too.
afterEach(() => {
  expect(tf.engine().state.numTensors).toBe(0);
  expect(traceBackend().numDataIds()).toBe(0);
});

describe('a function that cannot be traced says why', () => {
  test('reading a value names the operation that made it', () => {
    for (const read of [
      (x: tf.Tensor) => x.dataSync(),
      (x: tf.Tensor) => x.arraySync(),
      (x: tf.Tensor) => x.toString(),
    ]) {
      const error = failure(forward((x) => tf.mul(x, Number(read(tf.tanh(x))))));
      expect(error.code).toBe('TRACED_VALUE_READ');
      expect(error.message).toContain('made by Tanh');
    }
    expect(failure(forward((x) => tf.fill([1], x.dataSync()[0]!))).message).toContain('made by the input x');
  });

  test('a kernel without a lowering is named, with the folder to add it to', () => {
    const error = failure(forward((x) => tf.topk(x, 2).values));
    expect(error.code).toBe('UNKNOWN_KERNEL');
    expect(error.message).toContain('TopK');
    expect(error.message).toContain('gpu-worker/engine/lowerings/');
  });

  test('a kernel without a gradient is named', () => {
    const error = failure(
      step(({ weight }, { x }) => ({ loss: tf.sum(tf.einsum('ij,jk->ik', weight!, x!)) as tf.Scalar })),
    );
    expect(error.code).toBe('UNKNOWN_KERNEL');
    expect(error.message).toContain('Einsum');
  });

  test('an attribute outside of what a lowering covers', () => {
    const error = failure(forward((x) => tf.gather(x, tf.zeros([4, 1], 'int32'), 1, 1)));
    expect(error.code).toBe('UNSUPPORTED_KERNEL');
    expect(error.message).toContain('GatherV2');
    expect(error.message).toContain('batchDims');
  });

  test('a large array from JavaScript', () => {
    const noise = Float32Array.from({ length: 2048 }, (_, index) => index);
    const error = failure(forward((x) => tf.add(tf.sum(x), tf.tensor1d(noise))));
    expect(error.code).toBe('LARGE_CONSTANT');
    expect(error.message).toContain('8192 bytes');
    expect(failure(forward((x) => tf.add(tf.mean(x), tf.randomNormal([64, 64])))).code).toBe('LARGE_CONSTANT');
  });

  test('but neither a small array nor one repeated number', () => {
    expect(forward((x) => tf.add(x, tf.tensor1d([1, 2, 3, 4])))).not.toThrow();
    expect(forward((x) => tf.add(tf.sum(x), tf.ones([512, 512])))).not.toThrow();
  });

  test('a loss that is no float scalar, an output that is no tensor or is gone', () => {
    expect(failure(step(({ weight }) => ({ loss: weight as unknown as tf.Scalar }))).code).toBe('INVALID_FUNCTION');
    expect(failure(step(() => ({ loss: tf.scalar(1, 'int32') }))).code).toBe('INVALID_FUNCTION');
    expect(failure(forward(() => undefined as unknown as tf.Tensor)).message).toContain('The output y');
    const disposed = failure(
      forward((x) => {
        const y = tf.neg(x);
        y.dispose();
        return y;
      }),
    );
    expect(disposed.message).toContain('disposed');
  });

  test('a trace inside a trace', () => {
    expect(
      failure(
        forward((x) => {
          forward((y) => y)();
          return x;
        }),
      ).code,
    ).toBe('INVALID_FUNCTION');
  });

  test('a tensor kept beyond its trace', () => {
    let kept: tf.Tensor | undefined;
    traceForward([], inputs, (_, { x }) => {
      kept = tf.keep(tf.neg(x!));
      return { y: kept };
    });
    expect(() => kept!.dataSync()).toThrow(EngineError);
    kept!.dispose();
  });
});

describe('a trace leaves tfjs as it was', () => {
  test('the backend in use, also after an error', () => {
    const before = tf.engine().backendName;
    forward((x) => x)();
    failure(forward((x) => tf.mul(x, x.dataSync()[0]!)));
    expect(tf.engine().backendName).toBe(before);
  });

  test('tidy and dispose work inside', () => {
    const loss: LossFunction = ({ weight }: Tensors, { x }: Tensors) => {
      const product = tf.tidy(() => tf.matMul(tf.tanh(x as tf.Tensor2D), weight as tf.Tensor2D));
      const squared = tf.square(product);
      const result = tf.mean(squared) as tf.Scalar;
      squared.dispose();
      return { loss: result };
    };
    expect(step(loss)).not.toThrow();
  });
});
