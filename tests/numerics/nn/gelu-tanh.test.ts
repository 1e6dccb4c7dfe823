import { mul, tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { gegluTanh, geluTanh } from '../../../gpu-worker/nn/gelu-tanh.js';
import { differentiate, expectClose } from './differentiate.js';

const x = [-3, -1, -0.25, 0, 0.5, 2, 4];

test('gives the values and gradients of torch.nn.functional.gelu(x, approximate="tanh")', () => {
  const ones = new Float32Array(x.length).fill(1);
  const { value, gradients } = differentiate((t) => geluTanh(t!), [tensor(x)], ones);
  expectClose(value, [-0.0036374, -0.158808, -0.1003246, 0, 0.345714, 1.9545977, 3.9999298], 1e-6, 'value');
  expectClose(
    gradients[0]!,
    [-0.0115842, -0.0829641, 0.3046459, 0.5, 0.8673699, 1.0860993, 1.0003351],
    1e-6,
    'gradient',
  );
});

test('is 0 far below and the identity far above, where x³ is beyond float32', () => {
  const { value, gradients } = differentiate((t) => geluTanh(t!), [tensor([-1e4, 1e4])], Float32Array.of(1, 1));
  expect([...value]).toEqual([-0, 1e4]);
  expect([...gradients[0]!]).toEqual([0, 1]);
});

test('as a gate is the product of GELU and what it lets through, in values and gradients', () => {
  const dy = Float32Array.from(x, (_, i) => Math.sin(i + 1));
  const inputs = () => [tensor(x), tensor(x.map((value) => 0.3 * value * value - 1))];
  const whole = differentiate((gate, up) => gegluTanh(gate!, up!), inputs(), dy);
  const parts = differentiate((gate, up) => mul(geluTanh(gate!), up!), inputs(), dy);
  expectClose(whole.value, parts.value, 1e-6, 'value');
  for (const [index, name] of ['gate', 'up'].entries()) {
    expectClose(whole.gradients[index]!, parts.gradients[index]!, 1e-6, name);
  }
});
