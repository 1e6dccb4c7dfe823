import { EngineError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { simplify } from '../passes/index.js';
import { type ForwardInput, traceForward } from '../trace/functions.js';
import type { DynamicInputSpec, ForwardFunction, ParameterSpec } from '../types.js';
import { type DynamicShape, generalize } from './generalize.js';

export interface DynamicInput extends DynamicInputSpec {
  /** What a file takes, if that is another type. */
  readonly fileType?: 'int64';
}

export interface Dimension {
  readonly name: string;
  readonly origin: { readonly input: string; readonly axis: number };
  readonly low: number;
  readonly high: number;
  readonly check: number;
}

export interface DynamicGraph {
  readonly graph: Graph;
  readonly outputs: readonly DynamicShape[];
  readonly dimensions: readonly Dimension[];
}

/**
 * Sizes to trace at: unlike one another and unlike a model's own, since what is only equal by chance would not generalize. Small, since tfjs
 * fills arrays of these sizes while it records: 61 and 67 took 2 s of processor time for MiniLM, these a third of it.
 */
const [firstSize, sizesApart] = [17, 2];

/**
 * One graph of a function for all sizes of its dynamic dimensions. A recorded graph has fixed shapes: the function is recorded at 2ⁿ
 * combinations of sizes for n dimensions, and once more to check what was derived (generalize.ts).
 *
 * @param maxima the largest size of a dimension for which the function can be recorded, where there is one: the number of positions
 * @param finish what is done to each recorded graph: it must treat all sizes alike
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes
 */
export function traceDynamic(
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
  inputs: Readonly<Record<string, DynamicInput>>,
  forward: ForwardFunction,
  { maxima, finish }: { readonly maxima: Readonly<Record<string, number>>; readonly finish: (graph: Graph) => Graph },
): DynamicGraph {
  const dimensions = dynamicDimensions(inputs, maxima);
  const specs = parameters.map(({ name, shape }) => ({ name, shape, trainable: false, decay: false }));
  const inputsAt = (sizes: readonly number[]) =>
    fixedInputs(inputs, new Map(dimensions.map(({ name }, index) => [name, sizes[index]!])));
  const traceAt = (sizes: readonly number[]): Graph => finish(simplify(traceForward(specs, inputsAt(sizes), forward)));
  const corner = (index: number) => dimensions.map(({ low, high }, bit) => ((index >> bit) & 1 ? high : low));
  const check = dimensions.map((dimension) => dimension.check);
  const general = generalize({
    dimensions,
    corners: Array.from({ length: 2 ** dimensions.length }, (_, index) => traceAt(corner(index))),
    check: { graph: traceAt(check), sizes: check },
    inputs: Object.entries(inputsAt(corner(0))).map(([name, { shape, dtype, fileType }]) => ({
      name,
      shape,
      type: fileType ?? dtype,
    })),
    origins: dimensions.map(({ origin }) => origin),
  });
  return { ...general, dimensions };
}

function dynamicDimensions(
  inputs: Readonly<Record<string, DynamicInput>>,
  maxima: Readonly<Record<string, number>>,
): readonly Dimension[] {
  const origins = new Map<string, Dimension['origin']>();
  for (const [input, { shape }] of Object.entries(inputs)) {
    shape.forEach((size, axis) => {
      if (typeof size === 'string' && !origins.has(size)) origins.set(size, { input, axis });
    });
  }
  return [...origins].map(([name, origin], index) => {
    const largest = maxima[name] ?? Number.POSITIVE_INFINITY;
    const low = Math.min(firstSize + sizesApart * index, Math.floor((largest - 2) / 2));
    if (low < 2)
      throw new EngineError('INVALID_FUNCTION', `The dimension ${name} is too small to be dynamic: fix its size.`);
    return { name, origin, low, high: low + 1, check: 2 * low + 1 };
  });
}

/** Inputs with numbers in place of names. */
export function fixedInputs<Input extends DynamicInputSpec>(
  inputs: Readonly<Record<string, Input>>,
  sizes: ReadonlyMap<string, number>,
): Record<string, Omit<Input, 'shape'> & Pick<ForwardInput, 'shape'>> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, ...types }]) => [
      name,
      { ...types, shape: shape.map((size) => (typeof size === 'string' ? sizes.get(size)! : size)) },
    ]),
  );
}
