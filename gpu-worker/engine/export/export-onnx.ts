import { type DynamicInput, namedSizes, recordDynamic } from '../dynamic/record-dynamic.js';
import { EngineError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type OnnxFile, onnxFiles } from '../onnx/files.js';
import { fuseForwardOperators } from '../passes/forward-operators.js';
import { legalize, simplify } from '../passes/index.js';
import { type NumbersOfFile, storedAs } from '../stored/stored-as.js';
import { names, traceForward } from '../trace/functions.js';
import type { ForwardFunction, ParameterSpec } from '../types.js';

export type { OnnxFile } from '../onnx/files.js';

/**
 * The weights of an export; a `ParameterStore` is one. `value` is called for one tensor after another, when its bytes
 * are written.
 */
export interface WeightSource {
  readonly specs: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  value(name: string): Float32Array | Promise<Float32Array>;
}

export type ExportInput = DynamicInput;

/** A file of a function: its name, and what matrices are stored as in it. */
export interface ExportVariant {
  readonly fileName: string;
  /** Absent: float32. */
  readonly numbers?: NumbersOfFile;
}

export interface ExportOptions {
  /**
   * The largest size at which the function can be traced, for dimensions with such a limit: the number of positions.
   */
  readonly dimensions?: Readonly<Record<string, { readonly maximum: number }>>;
  /** The file's `metadata_props`, which say where the file comes from. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The most bytes of a file of weights beside the graph's own. Absent: no limit. */
  readonly maxDataBytes?: number;
}

/**
 * The ONNX files of a function with its weights, for any runtime: only ONNX's own operators, inputs and outputs named
 * as in the function, initializers named as the parameters.
 *
 * Sizes may be dynamic: see `recordDynamic`.
 *
 * @throws EngineError INVALID_FUNCTION when the function is not the same at all sizes, or two of its names are equal
 */
export function exportOnnx(
  weights: WeightSource,
  inputs: Readonly<Record<string, ExportInput>>,
  forward: ForwardFunction,
  { fileName, numbers, ...options }: ExportOptions & ExportVariant,
): readonly OnnxFile[] {
  return exportVariants(
    weights,
    inputs,
    forward,
    [numbers === undefined ? { fileName } : { fileName, numbers }],
    options,
  );
}

/** The same in several variants, for which the function is recorded once. */
export function exportVariants(
  weights: WeightSource,
  inputs: Readonly<Record<string, ExportInput>>,
  forward: ForwardFunction,
  variants: readonly ExportVariant[],
  { dimensions = {}, metadata, maxDataBytes }: ExportOptions,
): readonly OnnxFile[] {
  const ownNames = new Map(weights.specs.map(({ name }) => [names.parameter(name), name]));
  const maxima = Object.fromEntries(Object.entries(dimensions).map(([name, { maximum }]) => [name, maximum]));
  const options = { maxima, nameOf: (name: string) => name, parameters: weights.specs };
  const recorded = recordDynamic(inputs, options, (fixed, choices) => {
    const traced = simplify(traceForward(asFrozen(weights.specs), fixed, forward));
    return { graph: withParameterNames(legalize(fuseForwardOperators(traced), 'any', choices), ownNames) };
  });
  refuseEqualNames([
    ...Object.keys(inputs),
    ...recorded.graph.outputs.map(({ name }) => name),
    ...weights.specs.map(({ name }) => name),
  ]);
  const tensors = weights.specs.map(({ name, shape }) => ({
    name,
    shape,
    type: 'float32' as const,
    read: () => weights.value(name),
  }));
  const sizesOf = namedSizes(recorded);
  return variants.flatMap(({ fileName, numbers = { type: 'float32' } }) => {
    const stored = storedAs(numbers, recorded.graph, tensors);
    return onnxFiles(stored.graph, stored.weights, {
      fileName,
      sizesOf: (value) => sizesOf(stored.original(value)),
      metadata,
      maxDataBytes,
    });
  });
}

function asFrozen(specs: WeightSource['specs']): readonly ParameterSpec[] {
  return specs.map(({ name, shape }) => ({ name, shape, trainable: false, decay: false }));
}

/** Renames the parameters' inputs to the parameters' own names. */
function withParameterNames(graph: Graph, ownNames: ReadonlyMap<string, string>): Graph {
  return { ...graph, inputs: graph.inputs.map(({ name, value }) => ({ name: ownNames.get(name) ?? name, value })) };
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
