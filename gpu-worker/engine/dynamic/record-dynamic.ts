import { EngineError } from '../errors.js';
import type { Graph, Value } from '../graph/graph.js';
import { type Choices, choicesOfTheFirst } from '../passes/choices.js';
import type { FixedInput } from '../trace/functions.js';
import type { DynamicInputSpec } from '../types.js';
import { generalize } from './generalize.js';
import { dimension, formula, type Polynomial } from './polynomial.js';

/** An input of a function, as its graph has it. */
export interface DynamicInput extends DynamicInputSpec {
  /** The type of the input in a file, if it differs. */
  readonly fileType?: 'int64';
}

interface Dimension {
  readonly name: string;
  readonly origin: { readonly input: string; readonly axis: number };
  readonly low: number;
  readonly high: number;
  readonly check: number;
}

export interface DynamicGraph {
  readonly graph: Graph;
  /** The names of the dynamic dimensions, in the order of the polynomials' bits. */
  readonly dimensions: readonly string[];
  /** See `generalize`. Undefined for a graph without dynamic dimensions, whose values have fixed shapes. */
  readonly sizes: ReadonlyMap<number, readonly Polynomial[]> | undefined;
}

/**
 * The sizes to record at. They differ from one another and from a model's own sizes, because sizes that are equal only
 * by chance would not generalize. Where passes decide by sizes, the first recording decides for all
 * (passes/choices.ts).
 */
const [firstSize, sizesApart] = [67, 6];

/**
 * Makes one graph of a function for all sizes of its dynamic dimensions. A recorded graph has fixed shapes, so the
 * function is recorded at 2ⁿ combinations of sizes for n dimensions, and once more to check the derived graph
 * (generalize.ts). Without dynamic dimensions it is recorded once.
 *
 * @param nameOf the graph's name for an input of the function
 * @param maxima the largest size at which the function can be recorded, for dimensions with such a limit: the number of
 * positions
 * @param recordAt records a graph that is ready for writing; it may depend on the sizes only through the given choices
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes
 */
export function recordDynamic<Input extends DynamicInput>(
  inputs: Readonly<Record<string, Input>>,
  { maxima, nameOf }: { readonly maxima: Readonly<Record<string, number>>; readonly nameOf: (input: string) => string },
  recordAt: (inputs: Readonly<Record<string, FixedInput<Input>>>, choices: Choices) => Graph,
): DynamicGraph {
  const dimensions = dynamicDimensions(inputs, maxima);
  const names = dimensions.map(({ name }) => name);
  const inputsAt = (sizes: readonly number[]) =>
    fixedInputs(inputs, new Map(names.map((name, index) => [name, sizes[index]!])));
  const corner = (index: number) => dimensions.map(({ low, high }, bit) => ((index >> bit) & 1 ? high : low));
  const nextChoices = choicesOfTheFirst();
  const recordOf = (sizes: readonly number[]) => recordAt(inputsAt(sizes), nextChoices());
  if (dimensions.length === 0) return { graph: recordOf([]), dimensions: [], sizes: undefined };
  const check = dimensions.map((dimension) => dimension.check);
  const general = generalize({
    dimensions,
    corners: Array.from({ length: 2 ** dimensions.length }, (_, index) => recordOf(corner(index))),
    check: { graph: recordOf(check), sizes: check },
    inputs: Object.entries(inputsAt(corner(0))).map(([name, { shape, dtype, fileType }]) => ({
      name: nameOf(name),
      shape,
      type: fileType ?? dtype,
    })),
    origins: dimensions.map(({ origin: { input, axis } }) => ({ input: nameOf(input), axis })),
  });
  const sizes = new Map(general.sizes);
  for (const [input, { shape }] of Object.entries(inputs)) {
    const { value } = general.graph.inputs.find(({ name }) => name === nameOf(input))!;
    sizes.set(
      value.id,
      shape.map((size) => (typeof size === 'string' ? dimension(names.indexOf(size)) : [size])),
    );
  }
  return { graph: general.graph, sizes, dimensions: names };
}

/** The sizes of a graph's values as a file states them: formulas of the dimensions' names. */
export function namedSizes({
  sizes,
  dimensions,
}: DynamicGraph): (value: Value) => readonly (number | string)[] | undefined {
  return (value) =>
    sizes === undefined ? value.shape : sizes.get(value.id)?.map((polynomial) => formula(polynomial, dimensions));
}

function dynamicDimensions(
  inputs: Readonly<Record<string, DynamicInputSpec>>,
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

/** The inputs with numbers in place of names. */
export function fixedInputs<Input extends DynamicInputSpec>(
  inputs: Readonly<Record<string, Input>>,
  sizes: ReadonlyMap<string, number>,
): Record<string, FixedInput<Input>> {
  const sizeOf = (name: string): number => {
    const size = sizes.get(name);
    if (size === undefined) throw new EngineError('INVALID_FEED', `The size ${name} is missing.`);
    return size;
  };
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, ...types }]) => [
      name,
      { ...types, shape: shape.map((size) => (typeof size === 'string' ? sizeOf(size) : size)) },
    ]),
  );
}
