import { scalar, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { TrainingRandomness } from '../../../gpu-worker/engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../../../gpu-worker/nn/attention.js';
import { dense } from '../../../gpu-worker/nn/dense.js';
import { embedding } from '../../../gpu-worker/nn/embedding.js';
import { gelu } from '../../../gpu-worker/nn/gelu.js';
import { layerNorm } from '../../../gpu-worker/nn/layer-norm.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { meanPool } from '../../../gpu-worker/nn/mean-pool.js';
import { withoutDropout } from '../../../gpu-worker/nn/without-dropout.js';
import reference from '../reference/nn.reference.json' with { type: 'json' };
import { draw, numbers } from '../reference/numbers.js';
import { differences, differentiate, expectClose } from './differentiate.js';

const mask = () => tensor(reference.mask);
const attention = (q: Tensor, k: Tensor, v: Tensor) => attend(q, k, v, paddingBias(mask()), withoutDropout, 0.1);

const everyThirdDropped: TrainingRandomness = {
  ...withoutDropout,
  dropoutMask: (shape) =>
    tensor(
      Float32Array.from({ length: size([...shape]) }, (_, i) => (i % 3 === 0 ? 0 : 1.5)),
      [...shape],
    ),
};

/** Each block under the name of its case in reference/nn.py. */
const blocks: Record<keyof typeof reference.cases, (...inputs: Tensor[]) => Tensor> = {
  dense: (x, weight, bias) => dense(x!, weight!, bias!),
  linear: (x, weight, bias) => linear(x!, weight!, bias!),
  embedding: (table) => embedding(table!, tensor(reference.ids, undefined, 'int32')),
  layerNorm: (x, gain, bias) => layerNorm(x!, gain!, bias!, 1e-12),
  'layerNorm, large epsilon': (x, gain, bias) => layerNorm(x!, gain!, bias!, 0.1),
  gelu: (x) => gelu(x!),
  attention: (q, k, v) => attention(q!, k!, v!),
  'attention, one query': (q, k, v) => attention(q!, k!, v!),
  'attention, dropout': (q, k, v) => attend(q!, k!, v!, scalar(0), everyThirdDropped, 1 / 3),
  'self-attention': (x, wq, bq, wk, bk, wv, bv) => {
    const heads = (w: Tensor, b: Tensor) => splitHeads(linear(x!, w, b), 4, 2);
    return joinHeads(attention(heads(wq!, bq!), heads(wk!, bk!), heads(wv!, bv!)));
  },
  meanPool: (states) => meanPool(states!, mask()),
};

describe.each(Object.entries(reference.cases))('%s', (name, given) => {
  const block = blocks[name as keyof typeof blocks];
  const stream = numbers(given.seed);
  const inputs = Object.values(given.inputs).map((shape) => tensor(draw(stream, size(shape), given.scale), shape));
  const cotangent = draw(stream, size(given.shape));

  test("gives PyTorch's values and gradients", () => {
    const { value, shape, gradients } = differentiate(block, inputs, cotangent);
    expect(shape).toEqual(given.shape);
    expectClose(value, given.value, 1e-5, 'value');
    for (const [i, [input, expected]] of Object.entries(given.gradients).entries()) {
      expectClose(gradients[i]!, expected, 1e-4, `gradient of ${input}`, 1e-2);
    }
  });

  test('has the gradients that differences of its values show', () => {
    const { gradients } = differentiate(block, inputs, cotangent);
    const measured = differences(block, inputs, cotangent, 2 ** -7 * given.scale);
    for (const [i, gradient] of gradients.entries()) expectClose(gradient, measured[i]!, 1e-2, `gradient ${i}`, 0.1);
  });
});

test('attention gives padding nothing, and a text without tokens no NaN', () => {
  const stream = numbers(3);
  const [q, k] = [0, 1].map(() => tensor(draw(stream, 2 * 3), [1, 1, 3, 2])) as [Tensor, Tensor];
  const v = tensor([1, 10, 2, 20, 1000, 1000], [1, 1, 3, 2]);
  const attendTo = (tokens: number[]) =>
    attend(q, k, v, paddingBias(tensor([tokens])), withoutDropout, 0).dataSync<'float32'>();
  expect(attendTo([1, 0, 0])).toEqual(Float32Array.of(1, 10, 1, 10, 1, 10));
  expect(Math.max(...attendTo([1, 1, 0]))).toBeLessThan(20);
  expect(attendTo([0, 0, 0]).every(Number.isFinite)).toBe(true);
});

test('the mean over no tokens is zero', () => {
  expect(meanPool(tensor([[[5, 6]]]), tensor([[0]])).dataSync()).toEqual(Float32Array.of(0, 0));
});

function size(shape: number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
