import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect } from 'vitest';
import { createEagerEngine } from '../../../gpu-worker/engine/eager/eager-engine.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type {
  Engine,
  EngineTarget,
  Feeds,
  InputSpec,
  LossFunction,
  ParameterSpec,
} from '../../../gpu-worker/engine/types.js';

/** tfjs's own CPU backend behind the engine's interface: the reference. */
export function referenceEngine(): Engine {
  return createEagerEngine(
    { target: 'tensorflow', reason: 'reference', rejected: [], threads: 1, version: 'tfjs' },
    'cpu',
  );
}

export interface Problem {
  readonly parameters: readonly { readonly spec: ParameterSpec; readonly values: Float32Array }[];
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly feeds: Feeds;
  readonly loss: LossFunction;
}

export interface Solution {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, Float32Array>>;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** One step of a problem: loss, metrics and gradients, copied out of the store. */
export async function solve(engine: Engine, problem: Problem, seed = 1, step = 1): Promise<Solution> {
  const specs = problem.parameters.map(({ spec }) => spec);
  const store = engine.createParameters(
    specs,
    new Map(problem.parameters.map(({ spec, values }) => [spec.name, values])),
  );
  const compiled = await engine.compileStep(store, problem.inputs, problem.loss);
  try {
    const { loss, metrics } = await compiled.run(problem.feeds, { seed, step, scale: 1 });
    const trainable = specs.filter((spec) => spec.trainable);
    return { loss, metrics, gradients: new Map(trainable.map(({ name }) => [name, store.gradient(name).slice()])) };
  } finally {
    await compiled.release();
    store.release();
  }
}

export async function openEngine(target: EngineTarget = 'cpu', threads = 2): Promise<Engine> {
  return createEngine({ target, threads });
}

/** Equal within float32's rounding of different orders of summation; NaN equals NaN. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  what: string,
  tolerance = 1e-4,
): void {
  expect(actual.length, what).toBe(expected.length);
  for (let index = 0; index < expected.length; index++) {
    const [a, b] = [actual[index]!, expected[index]!];
    if (Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b)) || a === b) continue;
    const close = Math.abs(a - b) <= tolerance * (0.1 + Math.abs(b));
    if (!close) expect.fail(`${what}: element ${index} is ${a}, expected ${b}`);
  }
}

/** A small pseudo-random sequence in [0, 1): the Weyl sequence of the golden ratio, scrambled. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Ends the use of tfjs's backends in a test file: nothing may be left of traces and eager runs. */
export function liveTensors(): number {
  return tf.engine().state.numTensors;
}
