import * as tf from '@tensorflow/tfjs-core';
import type { LossFunction, ParameterSpec } from '../../../gpu-worker/engine/types.js';
import { type Problem, uniform } from './compare.js';

const [B, T, H, A, C] = [6, 12, 16, 2, 3];
const random = uniform(17);

/** B texts of T tokens, hidden size H, A heads, C classes. */
export const sizes = { B, T, H, A, C } as const;

export function normalish(length: number, scale: number): Float32Array {
  return Float32Array.from({ length }, () => (random() + random() + random() - 1.5) * scale);
}

const shapes: Readonly<Record<string, readonly number[]>> = {
  words: [40, H],
  query: [H, H],
  key: [H, H],
  value: [H, H],
  outputBias: [H],
  gain: [H],
  classifier: [C, H],
};
export const parameterNames = Object.keys(shapes);

export function specs(trainable: (name: string) => boolean = () => true): ParameterSpec[] {
  return Object.entries(shapes).map(([name, shape]) => ({ name, shape, trainable: trainable(name), decay: true }));
}

export const values = new Map(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    normalish(
      shape.reduce((a, b) => a * b, 1),
      0.5,
    ),
  ]),
);

export const inputs = { ids: { shape: [B, T], dtype: 'int32' }, labels: { shape: [B], dtype: 'int32' } } as const;
export const feeds = {
  ids: Int32Array.from({ length: B * T }, (_, index) => (index % T > 8 ? 0 : Math.floor(40 * random() ** 2))),
  labels: Int32Array.from({ length: B }, (_, index) => index % C),
};

/** One attention layer with dropout and a classifier: every kind of product and reduction a transformer has. */
export const loss: LossFunction = (parameters, { ids, labels }, { dropout }) => {
  const { words, query, key, value, outputBias, gain, classifier } = parameters as Record<string, tf.Tensor2D>;
  const states = tf.gather(words!, tf.reshape(ids!, [B * T]) as tf.Tensor1D) as tf.Tensor2D;
  const heads = (weight: tf.Tensor2D): tf.Tensor4D =>
    tf.transpose(tf.reshape(tf.matMul(states, weight, false, true), [B, T, A, H / A]), [0, 2, 1, 3]) as tf.Tensor4D;
  const scores = tf.div(tf.matMul(heads(query!), heads(key!), false, true), Math.sqrt(H / A));
  const context = tf.matMul(dropout(tf.softmax(scores), 0.2), heads(value!));
  const joined = tf.reshape(tf.transpose(context, [0, 2, 1, 3]), [B * T, H]);
  const activated = tf.mul(tf.erf(tf.add(joined, outputBias!)), gain!);
  const pooled = tf.mean(tf.reshape(tf.add(dropout(activated, 0.1), states), [B, T, H]), 1);
  const logits = tf.matMul(pooled as tf.Tensor2D, classifier!, false, true);
  const picked = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels!, C)), -1);
  return { loss: tf.neg(tf.mean(picked)) as tf.Scalar, metrics: { logits, predicted: tf.argMax(logits, -1) } };
};

export function problem(trainable: (name: string) => boolean = () => true): Problem {
  const parameters = specs(trainable).map((spec) => ({ spec, values: values.get(spec.name)! }));
  return { parameters, inputs, feeds, loss };
}
