import { EngineError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type OnnxFile, onnxFiles } from '../onnx/files.js';
import { legalize } from '../passes/index.js';
import { names } from '../trace/functions.js';
import type { ForwardFunction, ParameterSpec } from '../types.js';
import { type Dimension, type DynamicInput, traceDynamic } from './dynamic-graph.js';
import type { DynamicShape } from './generalize.js';
import type { Polynomial } from './polynomial.js';

export type { OnnxFile } from '../onnx/files.js';

/** Where an export finds its weights. A `ParameterStore` is one. `value` is asked for one tensor after the other, as their bytes are written. */
export interface WeightSource {
  readonly specs: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  value(name: string): Float32Array | Promise<Float32Array>;
}

export type ExportInput = DynamicInput;

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
 * Sizes may be dynamic: see `traceDynamic`.
 *
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes, or two of its names are equal
 */
export function exportOnnx(
  weights: WeightSource,
  inputs: Readonly<Record<string, ExportInput>>,
  forward: ForwardFunction,
  { fileName, dimensions = {}, metadata }: ExportOptions,
): readonly OnnxFile[] {
  const ownNames = new Map(weights.specs.map(({ name }) => [names.parameter(name), name]));
  const general = traceDynamic(weights.specs, inputs, forward, {
    maxima: Object.fromEntries(Object.entries(dimensions).map(([name, { maximum }]) => [name, maximum])),
    finish: (graph) => withParameterNames(legalize(graph, 'any'), ownNames),
  });
  refuseEqualNames([
    ...Object.keys(inputs),
    ...general.graph.outputs.map(({ name }) => name),
    ...weights.specs.map(({ name }) => name),
  ]);
  const tensors = weights.specs.map(({ name, shape }) => ({ name, shape, read: () => weights.value(name) }));
  const shapes = new Map([
    ...Object.entries(inputs).map(([name, { shape }]) => [name, shape] as const),
    ...general.outputs.map((output) => [output.name, namedSizes(output, general.dimensions)] as const),
  ]);
  return onnxFiles(general.graph, tensors, { fileName, shapes, metadata });
}

/** Parameters under their own names. */
function withParameterNames(graph: Graph, ownNames: ReadonlyMap<string, string>): Graph {
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
