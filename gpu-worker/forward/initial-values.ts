import { elementCount } from '../../src/storage/safetensors.js';
import { initialAdapter } from '../adapters/lora-parameters.js';
import { normalOf } from '../data/normal.js';
import { createRandom } from '../data/random.js';
import type { ParameterStore } from '../engine/types.js';
import { headShapes, headTensors } from '../heads/index.js';
import type { ModelWeights } from '../models/model-weights.js';
import type { ModelPlan } from './model-plan.js';

/** Standard deviation of new heads' and poolers' weights: transformers' `initializer_range`. */
const deviation = 0.02;

/** Words of the seed: they keep the random numbers of heads, poolers and token predictors apart from batch orders. */
const headStream = 0x68656164;
const poolerStream = 0x706f6f6c;
const predictorStream = 0x6d61736b;

/**
 * Starting values of parameters that the base model lacks: new heads, a new pooler and what newly predicts masked
 * tokens have normal weights, zero biases and norms of 1, an adapter begins as PEFT's does. Heads that are taken over
 * from the base model are not among them.
 *
 * @param biases of the plan's heads, in their order, where one does not start at zero
 */
export function initialValues(
  plan: ModelPlan,
  seed: number,
  biases: readonly (Float32Array | undefined)[],
): Map<string, Float32Array> {
  const { base, heads, freshPooler, freshPredictor, lora } = plan;
  const values = new Map(lora === null ? [] : initialAdapter(base, lora, seed));
  for (const [added, stream] of [
    [freshPooler, poolerStream],
    [freshPredictor, predictorStream],
  ] as const) {
    for (const { name, shape } of added) {
      const size = elementCount(shape);
      if (shape.length > 1) values.set(name, normal(size, createRandom(seed, stream)));
      else values.set(name, new Float32Array(size).fill(name.endsWith('.weight') ? 1 : 0));
    }
  }
  for (const [index, head] of heads.entries()) {
    if (head.isTransferred) continue;
    const random = createRandom(seed, headStream, index);
    const { weight } = headTensors(head.task);
    for (const { name, shape } of headShapes(head, base.config)) {
      const size = elementCount(shape);
      values.set(name, name === weight ? normal(size, random) : (biases[index] ?? new Float32Array(size)));
    }
  }
  return values;
}

/**
 * Fills a store: with the initial values where there are some, else with the model's, which are read from the disk
 * straight into it; what stays in files is not read. A matrix that is not held as float32 is read as a whole, one after
 * the other.
 */
export async function fillParameters(
  store: ParameterStore,
  weights: ModelWeights,
  initial: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  for (const { name, file } of store.specs) {
    if (file !== undefined) continue;
    const given = initial.get(name);
    if (given !== undefined) store.write(name, given);
    else if ((store.held(name) ?? store.productCodes(name)) === undefined)
      await weights.readInto(name, store.value(name));
    else store.write(name, await weights.read(name));
  }
}

/** Draws normal numbers of mean 0 and the above deviation. */
function normal(size: number, random: () => number): Float32Array {
  return Float32Array.from({ length: size }, () => normalOf(random, deviation));
}
