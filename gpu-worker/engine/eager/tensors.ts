import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Feeds, InputSpec, ParameterStore } from '../types.js';

/**
 * The parameters' present values. They are copied to the device at every step, because the optimizer works on the
 * store.
 */
export function parameterTensors(store: ParameterStore): Record<string, Tensor> {
  return Object.fromEntries(
    store.specs.map(({ name, shape }) => [name, tensor(store.read(name), [...shape], 'float32')]),
  );
}

export function inputTensors(inputs: Readonly<Record<string, InputSpec>>, feeds: Feeds): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, tensor(feeds[name]!, [...shape], dtype)]),
  );
}
