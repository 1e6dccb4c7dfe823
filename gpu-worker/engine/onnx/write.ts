import { EngineError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { onnx } from './generated/onnx.js';
import { bytesOf, modelProto, type StatedSizes, tensorProto } from './model.js';

/** A protobuf message's length is a signed 32-bit number. */
export const maxModelBytes = 2 ** 31 - 1;

/** An upper estimate of the bytes that a graph's nodes, inputs and outputs take in a file: some hundred each. */
export function graphBytes(graph: Graph): number {
  return (graph.nodes.length + graph.inputs.length + graph.outputs.length) * 1000;
}

/**
 * The ONNX file of a graph in memory, for a session of the engine. Inputs named in `initializers` become constants in
 * the file.
 *
 * @throws EngineError GRAPH_TOO_LARGE from 2 GB
 */
export function writeOnnx(
  graph: Graph,
  initializers: ReadonlyMap<string, Float32Array> = new Map(),
  sizesOf?: StatedSizes,
): Uint8Array {
  checkSize(graph, initializers);
  const model = modelProto(graph, new Set(initializers.keys()), sizesOf);
  const weights = graph.inputs
    .filter(({ name }) => initializers.has(name))
    .map(({ name, value }) => ({ ...tensorProto(name, value), rawData: bytesOf(initializers.get(name)!) }));
  const initializer = [...(model.graph.initializer ?? []), ...weights];
  return onnx.ModelProto.encode({ ...model, graph: { ...model.graph, initializer } }).finish();
}

function checkSize(graph: Graph, initializers: ReadonlyMap<string, Float32Array>): void {
  const weights = [...initializers.values(), ...graph.constants.map(({ data }) => data)];
  const bytes = weights.reduce((total, { byteLength }) => total + byteLength, 0);
  if (bytes + graphBytes(graph) <= maxModelBytes) return;
  throw new EngineError(
    'GRAPH_TOO_LARGE',
    `A graph with ${bytes} bytes of constants does not fit into an ONNX file, whose limit is 2 GB. Keep the parameters as inputs.`,
  );
}
