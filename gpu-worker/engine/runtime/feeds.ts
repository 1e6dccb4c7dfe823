import { EngineError } from '../errors.js';
import { sizeOf } from '../graph/graph.js';
import type { Feeds, InputSpec } from '../types.js';
import type { Tensor } from './onnx-runtime.js';
import { float32Tensor, int32Tensor } from './session.js';

/**
 * A call's inputs as tensors over the caller's arrays, without copies.
 *
 * @throws EngineError INVALID_FEED for a missing or unknown name, a wrong length or a wrong array type
 */
export function inputTensors(
  inputs: Readonly<Record<string, InputSpec>>,
  feeds: Feeds,
  nameOf: (name: string) => string,
): Record<string, Tensor> {
  checkFeeds(inputs, feeds);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => {
      const data = feeds[name]!;
      return [nameOf(name), data instanceof Float32Array ? float32Tensor(data, shape) : int32Tensor(data, shape)];
    }),
  );
}

export function checkFeeds(inputs: Readonly<Record<string, InputSpec>>, feeds: Feeds): void {
  for (const name of Object.keys(feeds)) {
    if (!Object.hasOwn(inputs, name)) throw new EngineError('INVALID_FEED', `There is no input ${name}.`);
  }
  for (const [name, { shape, dtype }] of Object.entries(inputs)) {
    const data = feeds[name];
    if (data === undefined) throw new EngineError('INVALID_FEED', `The input ${name} is missing.`);
    if (data.length !== sizeOf(shape)) {
      throw new EngineError('INVALID_FEED', `The input ${name} [${shape}] has ${data.length} elements.`);
    }
    if (!(dtype === 'float32' ? data instanceof Float32Array : data instanceof Int32Array)) {
      throw new EngineError('INVALID_FEED', `The input ${name} must hold ${dtype}.`);
    }
  }
}
