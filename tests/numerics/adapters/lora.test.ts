import { add, mul, sum, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialAdapter, loraScale, loraTensors } from '../../../gpu-worker/adapters/lora-parameters.js';
import { mergeLora } from '../../../gpu-worker/adapters/merge-lora.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { dense } from '../../../gpu-worker/nn/dense.js';
import { linear } from '../../../gpu-worker/nn/linear.js';
import { lora } from '../../../gpu-worker/nn/lora.js';
import { withoutDropout } from '../../../gpu-worker/nn/without-dropout.js';
import type { LoraConfig } from '../../../src/protocol/model-manifest.js';
import { tinyConfig } from '../architectures/tiny-encoder.js';
import { openEngine, type Problem, referenceEngine, solve } from '../engine/compare.js';
import { differences, differentiate, expectClose, floats } from '../nn/differentiate.js';
import { draw, numbers } from '../reference/numbers.js';
import { openFolder, writeBase } from './support.js';

const stream = numbers(11);
const [N, I, O, R] = [5, 6, 4, 2];
const values = {
  x: draw(stream, N * I),
  a: draw(stream, R * I),
  b: draw(stream, O * R),
  weight: draw(stream, O * I),
  bias: draw(stream, O),
};

describe('lora', () => {
  it('is scale · x aᵀ bᵀ', () => {
    const x = tensor([[1, 2, 3]]);
    const a = tensor([[1, 0, 1]]); //  x aᵀ = 4
    const b = tensor([[1], [-0.5]]);
    expect([...floats(lora(x, a, b, 0.5, withoutDropout, 0))]).toEqual([2, -1]);
  });

  it('has the gradients that differences give', () => {
    const f = (...[x, a, b]: Tensor[]) => lora(x!, a!, b!, 0.7, withoutDropout, 0);
    const inputs = [tensor(values.x, [N, I]), tensor(values.a, [R, I]), tensor(values.b, [O, R])];
    const cotangent = draw(stream, N * O);
    const { gradients } = differentiate(f, inputs, cotangent);
    const expected = differences(f, inputs, cotangent, 2 ** -7);
    for (const [i, gradient] of gradients.entries()) expectClose(gradient, expected[i]!, 2e-3, `input ${i}`);
  });
});

describe('lora in a compiled step', () => {
  let engine: Engine;
  let eager: Engine;
  beforeAll(async () => {
    engine = await openEngine();
    eager = referenceEngine();
  });
  afterAll(async () => {
    await engine.release();
    await eager.release();
  });

  const problem = (dropout: number): Problem => ({
    parameters: (
      [
        ['x', [N, I], true],
        ['weight', [O, I], false],
        ['bias', [O], false],
        ['a', [R, I], true],
        ['b', [O, R], true],
      ] as const
    ).map(([name, shape, trainable]) => ({
      spec: { name, shape, trainable, decay: false },
      values: Float32Array.from(values[name]),
    })),
    inputs: { cotangent: { shape: [N, O], dtype: 'float32' } },
    feeds: { cotangent: Float32Array.from(draw(numbers(12), N * O)) },
    loss: (p, { cotangent }, random) => {
      const y = add(linear(p.x!, p.weight!, p.bias!), lora(p.x!, p.a!, p.b!, 0.7, random, dropout));
      return { loss: sum(mul(y, cotangent!)), metrics: { y } };
    },
  });

  it.each([0, 0.4])('agrees with tfjs, dropout %s', async (dropout) => {
    const [own, reference] = [await solve(engine, problem(dropout)), await solve(eager, problem(dropout))];
    expectClose(own.metrics.y!, reference.metrics.y!, 1e-5, 'y');
    for (const [name, gradient] of reference.gradients) expectClose(own.gradients.get(name)!, gradient, 1e-5, name);
    expect([...own.gradients.keys()].sort()).toEqual(['a', 'b', 'x']);
  });

  it('drops what the adapter reads, not what the projection reads, and draws anew at each step', async () => {
    const plain = await solve(engine, problem(0));
    const [first, second] = [await solve(engine, problem(0.4), 1, 1), await solve(engine, problem(0.4), 1, 2)];
    expect([...first.metrics.y!]).not.toEqual([...second.metrics.y!]);
    // With b zero nothing of the mask shows.
    const zero = (dropout: number): Problem => {
      const made = problem(dropout);
      const parameters = made.parameters.map((parameter) =>
        parameter.spec.name === 'b' ? { ...parameter, values: new Float32Array(O * R) } : parameter,
      );
      return { ...made, parameters };
    };
    expect([...(await solve(engine, zero(0.4))).metrics.y!]).toEqual([...(await solve(engine, zero(0))).metrics.y!]);
    expect([...plain.metrics.y!]).not.toEqual([...first.metrics.y!]);
  });
});

describe('mergeLora', () => {
  const scale = 0.7;
  const x = tensor(values.x, [N, I]);
  const added = lora(x, tensor(values.a, [R, I]), tensor(values.b, [O, R]), scale, withoutDropout, 0);
  const bias = tensor(values.bias);
  const [a, b] = [Float32Array.from(values.a), Float32Array.from(values.b)];

  it('makes one projection [O,I] of projection and adapter', () => {
    const merged = Float32Array.from(values.weight);
    mergeLora(merged, a, b, { inputs: I, outputs: O }, scale, { storesInputsFirst: false });
    const unmerged = floats(add(linear(x, tensor(values.weight, [O, I]), bias), added));
    expectClose(floats(linear(x, tensor(merged, [O, I]), bias)), unmerged, 1e-5, 'merged');
  });

  it('and of one stored [I,O]', () => {
    const merged = Float32Array.from(values.weight);
    mergeLora(merged, a, b, { inputs: I, outputs: O }, scale, { storesInputsFirst: true });
    const unmerged = floats(add(dense(x, tensor(values.weight, [I, O]), bias), added));
    expectClose(floats(dense(x, tensor(merged, [I, O]), bias)), unmerged, 1e-5, 'merged');
  });
});

describe('an adapter’s parameters', () => {
  const config: LoraConfig = {
    rank: 16,
    alpha: 8,
    rankStabilized: false,
    dropout: 0,
    targetModules: ['query', 'value'],
  };

  it('have the scale alpha / r, or alpha / √r', () => {
    expect(loraScale(config)).toBe(0.5);
    expect(loraScale({ ...config, rankStabilized: true })).toBe(2);
  });

  it('start as PEFT’s do: a uniform in ±1/√I, b zero, by the seed alone', async () => {
    await using place = await openFolder();
    const model = { ...(await writeBase(place.store, 'bert')), config: tinyConfig('bert') };
    const initial = initialAdapter(model, config, 3);
    expect(initial.size).toBe(8);
    const { a, b } = loraTensors('encoder.layer.1.attention.self.value');
    const bound = 1 / Math.sqrt(32);
    const drawn = initial.get(a)!;
    expect(drawn).toHaveLength(16 * 32);
    expect(drawn.every((value) => Math.abs(value) <= bound)).toBe(true);
    // The variance of U(±c) is c²/3; 512 numbers give it within 10 % (2.5 standard errors).
    const variance = drawn.reduce((sum, value) => sum + value * value, 0) / drawn.length;
    expect(variance / (bound ** 2 / 3)).toBeGreaterThan(0.9);
    expect(variance / (bound ** 2 / 3)).toBeLessThan(1.1);
    expect(initial.get(b)).toEqual(new Float32Array(32 * 16));
    expect(initialAdapter(model, config, 3)).toEqual(initial);
    expect(initialAdapter(model, config, 4).get(a)).not.toEqual(drawn);
    expect(initial.get(loraTensors('encoder.layer.0.attention.self.value').a)).not.toEqual(drawn);
  });
});
