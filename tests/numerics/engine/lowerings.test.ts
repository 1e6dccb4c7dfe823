import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lowerings } from '../../../gpu-worker/engine/lowerings/index.js';
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
import { type Domain, type OpCase, opCases } from './op-cases.js';

let compiled: Engine;
const reference = referenceEngine();

beforeAll(async () => {
  compiled = await openEngine();
});
afterAll(() => compiled.release());

function draw(domain: Domain, random: () => number): number {
  const x = random();
  const sign = random() < 0.5 ? -1 : 1;
  switch (domain) {
    case 'any':
      return 4 * x - 2;
    case 'positive':
      return 0.2 + 2 * x;
    case 'unit':
      return 1.8 * x - 0.9;
    case 'above one':
      return 1.1 + 2 * x;
    case 'away from zero':
      return sign * (0.2 + 2 * x);
    case 'integers':
      return Math.floor(7 * x) - 3;
    case 'booleans':
      return x < 0.5 ? 0 : 1;
    default:
      return domain satisfies never;
  }
}

/**
 * All cases on one shape as one problem: a parameter or input for each operand, a metric for each result, one loss over
 * all.
 */
function problemOf(cases: readonly OpCase[], shape: readonly number[], seed: number): Problem {
  const random = uniform(seed);
  const parameters: Problem['parameters'][number][] = [];
  const inputs: Record<string, Problem['inputs'][string]> = {};
  const feeds: Record<string, Float32Array | Int32Array> = {};
  const named = cases.map((opCase, caseIndex) => {
    const operands = opCase.operands(shape).map(({ shape, domain }, index) => {
      const name = `${caseIndex}.${index}`;
      const values = Array.from({ length: sizeOf(shape) }, () => draw(domain, random));
      const integral = domain === 'integers' || domain === 'booleans';
      if (opCase.differentiable && !integral) {
        parameters.push({ spec: { name, shape, trainable: true, decay: false }, values: Float32Array.from(values) });
      } else {
        inputs[name] = { shape, dtype: integral ? 'int32' : 'float32' };
        feeds[name] = integral ? Int32Array.from(values) : Float32Array.from(values);
      }
      return { name, domain };
    });
    return { opCase, operands };
  });
  const loss: LossFunction = (parameterTensors, inputTensors) => {
    const metrics: Record<string, tf.Tensor> = {};
    let total: tf.Tensor = tf.scalar(0);
    for (const { opCase, operands } of named) {
      const tensors = operands.map(({ name, domain }) => {
        const tensor = parameterTensors[name] ?? inputTensors[name]!;
        return domain === 'booleans' ? tf.cast(tensor, 'bool') : tensor;
      });
      [opCase.apply(tensors, shape)].flat().forEach((result, index) => {
        metrics[`${opCase.name} #${index}`] = tf.cast(result, 'float32');
        if (!opCase.differentiable) return;
        // A weight for each element, so that a permuted gradient is seen.
        const weights = tf.cos(tf.range(1, result.size + 1, 1, 'float32'));
        total = tf.add(total, tf.sum(tf.mul(tf.reshape(result, [-1]), weights)));
      });
    }
    return { loss: total as tf.Scalar, metrics };
  };
  return { parameters, inputs, feeds, loss };
}

describe('every lowering gives the values and gradients of tfjs', () => {
  const names = (problem: Problem, name: string): string => {
    const index = Number(name.split('.')[0]);
    return `gradient of ${opCases[index]!.name}, operand ${name.split('.')[1]} (${problem.parameters.length} parameters)`;
  };

  test('on random shapes of rank 0 to 4', async () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(), async (shape, seed) => {
        const problem = problemOf(opCases, shape, seed);
        const [actual, expected] = [await solve(compiled, problem), await solve(reference, problem)];
        for (const [name, values] of Object.entries(expected.metrics)) {
          expectClose(actual.metrics[name]!, values, `${name} on [${shape}]`);
        }
        for (const [name, values] of expected.gradients) {
          expectClose(actual.gradients.get(name)!, values, `${names(problem, name)} on [${shape}]`);
        }
      }),
      {
        numRuns: 8,
        examples: [
          [[], 1],
          [[3], 2],
          [[2, 3], 3],
          [[2, 3, 4], 4],
          [[2, 1, 3, 2], 5],
        ],
        seed: 20,
      },
    );
  });

  test('and every one of them has a case', () => {
    const covered = new Set(opCases.flatMap(({ kernels }) => kernels));
    expect(lowerings.map(({ kernel }) => kernel).filter((kernel) => !covered.has(kernel))).toEqual([]);
  });

  test('and no tensor is left behind', () => {
    expect(liveTensors()).toBe(0);
  });
});
