import { EngineError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type OnnxFile, onnxFiles } from '../onnx/files.js';
import { legalize, simplify } from '../passes/index.js';
import { type ForwardInput, names, traceForward } from '../trace/functions.js';
import type { ForwardFunction, InputSpec, ParameterSpec } from '../types.js';
import { type DynamicShape, generalize } from './generalize.js';
import type { Polynomial } from './polynomial.js';

export type { OnnxFile } from '../onnx/files.js';

/** Where an export finds its weights. A `ParameterStore` is one. `value` is asked for one tensor after the other, as their bytes are written. */
export interface WeightSource {
  readonly specs: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  value(name: string): Float32Array | Promise<Float32Array>;
}

export interface ExportInput {
  /** A number is a fixed size, a name a dynamic one: inputs with equal names have equal sizes. */
  readonly shape: readonly (number | string)[];
  /** What the function receives. */
  readonly dtype: InputSpec['dtype'];
  /** What the file takes, if that is another type. */
  readonly fileType?: 'int64';
}

export interface ExportOptions {
  readonly fileName: string;
  /** The largest size of a dynamic dimension for which the function can be traced, where there is one: the number of positions. */
  readonly dimensions?: Readonly<Record<string, { readonly maximum: number }>>;
  /** Where the file says what it came from: `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The ONNX files of a function with its weights, for any runtime: ONNX's own operators alone, inputs and outputs under the function's names,
 * initializers under the parameters'.
 *
 * A recorded graph has fixed shapes. Dynamic dimensions come from recording the function at 2ⁿ combinations of sizes for n dimensions, and
 * once more to check what was derived (generalize.ts).
 *
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes, or two of its names are equal
 */
export function exportOnnx(
  weights: WeightSource,
  inputs: Readonly<Record<string, ExportInput>>,
  forward: ForwardFunction,
  { fileName, dimensions = {}, metadata }: ExportOptions,
): readonly OnnxFile[] {
  const dynamic = dynamicDimensions(inputs, dimensions);
  const traceAt = (sizes: readonly number[]): Graph => {
    const sizeOf = new Map(dynamic.map(({ name }, index) => [name, sizes[index]!]));
    return portableGraph(weights, fixedInputs(inputs, sizeOf), forward);
  };
  const corner = (index: number) => dynamic.map(({ low, high }, bit) => ((index >> bit) & 1 ? high : low));
  const low = new Map(dynamic.map((dimension) => [dimension.name, dimension.low]));
  const check = dynamic.map((dimension) => dimension.check);
  const general = generalize({
    dimensions: dynamic,
    corners: Array.from({ length: 2 ** dynamic.length }, (_, index) => traceAt(corner(index))),
    check: { graph: traceAt(check), sizes: check },
    inputs: Object.entries(fixedInputs(inputs, low)).map(([name, { shape, dtype, fileType }]) => ({
      name,
      shape,
      type: fileType ?? dtype,
    })),
    origins: dynamic.map(({ origin }) => origin),
  });
  refuseEqualNames([
    ...Object.keys(inputs),
    ...general.graph.outputs.map(({ name }) => name),
    ...weights.specs.map(({ name }) => name),
  ]);
  const tensors = weights.specs.map(({ name, shape }) => ({ name, shape, read: () => weights.value(name) }));
  const shapes = new Map([
    ...Object.entries(inputs).map(([name, { shape }]) => [name, shape] as const),
    ...general.outputs.map((output) => [output.name, namedSizes(output, dynamic)] as const),
  ]);
  return onnxFiles(general.graph, tensors, { fileName, shapes, metadata });
}

interface Dimension {
  readonly name: string;
  readonly origin: { readonly input: string; readonly axis: number };
  readonly low: number;
  readonly high: number;
  readonly check: number;
}

/** Sizes to trace at: unlike one another and unlike a model's own, since what is only equal by chance would not generalize. */
const [firstSize, sizesApart] = [61, 6];

function dynamicDimensions(
  inputs: Readonly<Record<string, ExportInput>>,
  limits: NonNullable<ExportOptions['dimensions']>,
): readonly Dimension[] {
  const origins = new Map<string, Dimension['origin']>();
  for (const [input, { shape }] of Object.entries(inputs)) {
    shape.forEach((size, axis) => {
      if (typeof size === 'string' && !origins.has(size)) origins.set(size, { input, axis });
    });
  }
  return [...origins].map(([name, origin], index) => {
    const largest = limits[name]?.maximum ?? Number.POSITIVE_INFINITY;
    const low = Math.min(firstSize + sizesApart * index, Math.floor((largest - 2) / 2));
    if (low < 2)
      throw new EngineError('INVALID_FUNCTION', `The dimension ${name} is too small to be dynamic: fix its size.`);
    return { name, origin, low, high: low + 1, check: 2 * low + 1 };
  });
}

function fixedInputs(
  inputs: Readonly<Record<string, ExportInput>>,
  sizes: ReadonlyMap<string, number>,
): Record<string, ForwardInput> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, ...types }]) => [
      name,
      { ...types, shape: shape.map((size) => (typeof size === 'string' ? sizes.get(size)! : size)) },
    ]),
  );
}

/** Recorded and simplified, with parameters under their own names. */
function portableGraph(
  { specs }: WeightSource,
  inputs: Readonly<Record<string, ForwardInput>>,
  forward: ForwardFunction,
): Graph {
  const parameters = specs.map((spec) => ({ ...spec, trainable: false, decay: false }));
  const graph = legalize(simplify(traceForward(parameters, inputs, forward)), 'any');
  const ownNames = new Map(specs.map(({ name }) => [names.parameter(name), name]));
  return { ...graph, inputs: graph.inputs.map(({ name, value }) => ({ name: ownNames.get(name) ?? name, value })) };
}

/** An output's sizes for people: a number, a dimension's name, or the formula. */
function namedSizes({ sizes }: DynamicShape, dimensions: readonly Dimension[]): (number | string)[] {
  return sizes.map((polynomial) => {
    const terms = polynomial.flatMap((coefficient, set) =>
      coefficient === 0 ? [] : [term(coefficient, set, dimensions)],
    );
    if (terms.length === 0) return 0;
    return terms.length === 1 && terms[0]!.isNumber ? polynomial[0]! : terms.map(({ text }) => text).join(' + ');
  });
}

function term(
  coefficient: Polynomial[number],
  set: number,
  dimensions: readonly Dimension[],
): { readonly text: string; readonly isNumber: boolean } {
  const factors = dimensions.flatMap(({ name }, index) => ((set >> index) & 1 ? [name] : []));
  const number = coefficient === 1 && factors.length > 0 ? [] : [String(coefficient)];
  return { text: [...number, ...factors].join('*'), isNumber: factors.length === 0 };
}

function refuseEqualNames(all: readonly string[]): void {
  const repeated = all.find((name, index) => all.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new EngineError(
      'INVALID_FUNCTION',
      `Two of the file's inputs, outputs and parameters are called ${repeated}.`,
    );
  }
}
