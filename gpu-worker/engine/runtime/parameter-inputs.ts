import { mostConstantBytes } from '../../../src/protocol/training-memory.js';
import type { FilePlace } from '../../../src/storage/safetensors-file.js';
import { type Graph, sizeOf } from '../graph/graph.js';
import { multiplyByCodes } from '../passes/multiply-codes.js';
import { partName, readHeld } from '../passes/read-held.js';
import { names } from '../trace/functions.js';
import type { ParameterSpec, ParameterStore } from '../types.js';
import type { Tensor } from './onnx-runtime.js';
import { float32Tensor, partTensor } from './session.js';

/**
 * Parameters up to this size become constants whatever reads them, because ONNX Runtime folds results that depend only
 * on constants.
 */
const smallParameterElements = 16_384;

/** Attune's product operator, and the operators that may replace it. */
const productOperators = new Set(['MatMul', 'FusedMatMul', 'Gemm']);

/**
 * The values of the parameters that become constants of the graph. A matrix that a product reads gains by it (ONNX
 * Runtime repacks it once: forward runs 1.15 to 1.2 times as fast). A large table that is only gathered from gains
 * nothing, and each session would hold a copy of it.
 */
export function constantParameters(
  graph: Graph,
  store: ParameterStore,
  isConstant: (parameter: ParameterSpec) => boolean,
): Map<string, Float32Array> {
  const products = graph.nodes.filter(({ op }) => productOperators.has(op));
  const multiplied = new Set(products.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  const wanted = new Map(
    store.specs
      .filter(({ format, productCodes, file }) => (format ?? productCodes ?? file) === undefined)
      .filter(isConstant)
      .map((parameter) => [names.parameter(parameter.name), parameter.name] as const),
  );
  const candidates = graph.inputs.flatMap(({ name, value: { id, shape } }) => {
    const parameter = wanted.get(name);
    if (parameter === undefined) return [];
    const isSmall = sizeOf(shape) <= smallParameterElements;
    return isSmall || multiplied.has(id) ? [{ name, isSmall, values: store.value(parameter) }] : [];
  });
  const bytes = candidates.reduce((total, { values }) => total + values.byteLength, 0);
  const chosen = bytes > mostConstantBytes ? candidates.filter(({ isSmall }) => isSmall) : candidates;
  return new Map(chosen.map(({ name, values }) => [name, values]));
}

/**
 * The other parameters that the graph reads, as tensors over the store's memory: the next run sees the values that
 * training writes there.
 */
export function liveParameters(
  graph: Graph,
  store: ParameterStore,
  constants: ReadonlyMap<string, Float32Array>,
): Record<string, Tensor> {
  const read = new Set(graph.inputs.map(({ name }) => name));
  const live = store.specs
    .filter(({ file }) => file === undefined)
    .map(({ name, shape }) => ({ name, shape, input: names.parameter(name) }))
    .filter(({ input }) => read.has(input) && !constants.has(input));
  const tensors = live.map(({ name, shape, input }) => [input, float32Tensor(store.value(name), shape)] as const);
  const parts = store.specs
    .flatMap(({ name }) => Object.entries(store.held(name)?.parts ?? {}).map(([part, of]) => ({ name, part, of })))
    .map(({ name, part, of }) => [partName(names.parameter(name), part), partTensor(of)] as const);
  return Object.fromEntries([...tensors, ...parts.filter(([input]) => read.has(input))]);
}

/** The graph with the store's held matrices in place of float32 inputs: see `readHeld` and `multiplyByCodes`. */
export function readingHeld(graph: Graph, store: ParameterStore): Graph {
  const held = new Map(store.specs.map(({ name }) => [names.parameter(name), store.held(name)]));
  const coded = new Map(store.specs.map(({ name }) => [names.parameter(name), store.productCodes(name)]));
  return multiplyByCodes(
    readHeld(graph, (input) => held.get(input)),
    (input) => coded.get(input),
  );
}

/** The parameters that the graph reads from files, by its names for them. */
export function filedParameters(graph: Graph, store: ParameterStore): ReadonlyMap<string, FilePlace> {
  const read = new Set(graph.inputs.map(({ name }) => name));
  return new Map(
    store.specs.flatMap(({ name, file }) => {
      const input = names.parameter(name);
      return file !== undefined && read.has(input) ? [[input, file] as const] : [];
    }),
  );
}
