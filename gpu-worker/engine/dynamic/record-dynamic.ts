import { EngineError } from '../errors.js';
import type { Graph, Value } from '../graph/graph.js';
import { type Choices, choicesOfTheFirst } from '../passes/choices.js';
import type { FixedInput } from '../trace/functions.js';
import type { DynamicInputSpec } from '../types.js';
import { generalize } from './generalize.js';
import { dimension, formula, type Polynomial } from './polynomial.js';
import { sizesToRecord } from './recorded-sizes.js';

/** An input of a function, as its graph has it. */
export interface DynamicInput extends DynamicInputSpec {
  /** The type of the input in a file, if it differs. */
  readonly fileType?: 'int64';
}

interface Dimension {
  readonly name: string;
  readonly origin: { readonly input: string; readonly axis: number };
}

export interface DynamicGraph {
  readonly graph: Graph;
  /** The names of the dynamic dimensions, in the order of the polynomials' bits. */
  readonly dimensions: readonly string[];
  /** See `generalize`. Undefined for a graph without dynamic dimensions, whose values have fixed shapes. */
  readonly sizes: ReadonlyMap<number, readonly Polynomial[]> | undefined;
}

/** What a function is recorded with. */
export interface RecordingOptions {
  /**
   * The largest size at which the function can be recorded, for dimensions with such a limit: the number of positions.
   */
  readonly maxima: Readonly<Record<string, number>>;
  /** The graph's name for an input of the function. */
  readonly nameOf: (input: string) => string;
  /** The parameters that the function reads, whose sizes are fixed. */
  readonly parameters: readonly { readonly shape: readonly number[] }[];
}

/**
 * Makes one graph of a function for all sizes of its dynamic dimensions. A recorded graph has fixed shapes, so the
 * function is recorded at 2ⁿ combinations of sizes for n dimensions, and once more to check the derived graph
 * (generalize.ts). Where these disagree, sizes may be equal only by chance, and others are tried (recorded-sizes.ts).
 * Without dynamic dimensions the function is recorded once.
 *
 * @param recordAt records a graph that is ready for writing; it may depend on the sizes only through the given choices
 * (passes/choices.ts), which the recording at the largest sizes makes for all
 * @returns the graph, and the first recording at the sizes that it was made from
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes
 */
export function recordDynamic<Input extends DynamicInput, Recording extends { readonly graph: Graph }>(
  inputs: Readonly<Record<string, Input>>,
  options: RecordingOptions,
  recordAt: (inputs: Readonly<Record<string, FixedInput<Input>>>, choices: Choices) => Recording,
): DynamicGraph & { readonly first: Recording } {
  const { maxima, nameOf, parameters } = options;
  const dimensions = dynamicDimensions(inputs);
  const names = dimensions.map(({ name }) => name);
  const inputsAt = (sizes: readonly number[]) =>
    fixedInputs(inputs, new Map(names.map((name, index) => [name, sizes[index]!])));
  if (dimensions.length === 0) {
    const first = recordAt(inputsAt([]), choicesOfTheFirst()());
    return { graph: first.graph, dimensions: [], sizes: undefined, first };
  }
  const shapes = Object.values(inputs).map(({ shape }) => shape);
  const ways = sizesToRecord({
    maxima: names.map((name) => maxima[name] ?? Number.POSITIVE_INFINITY),
    ofInputs: shapes.flatMap((shape) => shape.filter((size) => typeof size === 'number')),
    ofParameters: parameters.flatMap(({ shape }) => shape),
  });
  let disagreement: EngineError | undefined;
  for (const sizes of ways) {
    const corners = Array.from({ length: 2 ** sizes.length }, (_, index) =>
      sizes.map(({ low, high }, bit) => ((index >> bit) & 1 ? high : low)),
    );
    const check = sizes.map((size) => size.check);
    const nextChoices = choicesOfTheFirst();
    // The largest sizes decide: what pays there is paid for more often.
    const checked = recordAt(inputsAt(check), nextChoices());
    const [first, ...others] = corners.map((at) => recordAt(inputsAt(at), nextChoices()));
    const graphs = [first!, ...others, checked].map(({ graph }) => graph);
    try {
      const general = generalize({
        dimensions: sizes,
        corners: graphs.slice(0, -1),
        check: { graph: graphs.at(-1)!, sizes: check },
        inputs: Object.entries(inputsAt(corners[0]!)).map(([name, { shape, dtype, fileType }]) => ({
          name: nameOf(name),
          shape,
          type: fileType ?? dtype,
        })),
        origins: dimensions.map(({ origin: { input, axis } }) => ({ input: nameOf(input), axis })),
      });
      const known = sizesWithInputs(general, inputs, names, nameOf);
      return { graph: general.graph, sizes: known, dimensions: names, first: first! };
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'INVALID_FUNCTION') throw error;
      disagreement ??= error;
    }
  }
  throw disagreement ?? tooSmall(names);
}

/** The known sizes of a graph's values, and those of its inputs, which are their own definition. */
function sizesWithInputs(
  { graph, sizes }: ReturnType<typeof generalize>,
  inputs: Readonly<Record<string, DynamicInput>>,
  names: readonly string[],
  nameOf: RecordingOptions['nameOf'],
): ReadonlyMap<number, readonly Polynomial[]> {
  const known = new Map(sizes);
  for (const [input, { shape }] of Object.entries(inputs)) {
    const { value } = graph.inputs.find(({ name }) => name === nameOf(input))!;
    known.set(
      value.id,
      shape.map((size) => (typeof size === 'string' ? sumOf(termsOf(size), names) : [size])),
    );
  }
  return known;
}

/** The names in a size: one, or those of a sum. */
function termsOf(size: string): readonly string[] {
  return size.split(' + ');
}

function sumOf(terms: readonly string[], names: readonly string[]): Polynomial {
  const all = terms.map((name) => dimension(names.indexOf(name)));
  const length = Math.max(...all.map((polynomial) => polynomial.length));
  return Array.from({ length }, (_, set) => all.reduce((sum, polynomial) => sum + (polynomial[set] ?? 0), 0));
}

function tooSmall(names: readonly string[]): EngineError {
  const [first, ...others] = names;
  return new EngineError(
    'INVALID_FUNCTION',
    others.length === 0
      ? `The dimension ${first} is too small to be dynamic: fix its size.`
      : `One of the dimensions ${names.join(', ')} is too small to be dynamic: fix its size.`,
  );
}

/** The sizes of a graph's values as a file states them: formulas of the dimensions' names. */
export function namedSizes({
  sizes,
  dimensions,
}: DynamicGraph): (value: Value) => readonly (number | string)[] | undefined {
  return (value) =>
    sizes === undefined ? value.shape : sizes.get(value.id)?.map((polynomial) => formula(polynomial, dimensions));
}

/** The dynamic dimensions of inputs, each with the first input and axis that has its size. */
function dynamicDimensions(inputs: Readonly<Record<string, DynamicInputSpec>>): readonly Dimension[] {
  const origins = new Map<string, Dimension['origin']>();
  for (const [input, { shape }] of Object.entries(inputs)) {
    shape.forEach((size, axis) => {
      if (typeof size !== 'string' || termsOf(size).length > 1) return;
      if (!origins.has(size)) origins.set(size, { input, axis });
    });
  }
  return [...origins].map(([name, origin]) => ({ name, origin }));
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
  const total = (size: string) => termsOf(size).reduce((sum, name) => sum + sizeOf(name), 0);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, ...types }]) => [
      name,
      { ...types, shape: shape.map((size) => (typeof size === 'string' ? total(size) : size)) },
    ]),
  );
}
