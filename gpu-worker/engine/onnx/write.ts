import { parse, relative } from 'node:path';
import type { FilePlace } from '../../../src/storage/safetensors-file.js';
import { EngineError } from '../errors.js';
import { type Graph, sizeOf, type Value } from '../graph/graph.js';
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
 * the file; those named in `files` are constants too, which a runtime finds there, from the root folder on.
 *
 * @throws EngineError GRAPH_TOO_LARGE from 2 GB
 */
export function writeOnnx(
  graph: Graph,
  initializers: ReadonlyMap<string, Float32Array> = new Map(),
  sizesOf?: StatedSizes,
  files: ReadonlyMap<string, FilePlace> = new Map(),
): Uint8Array {
  checkSize(graph, initializers);
  const model = modelProto(graph, new Set([...initializers.keys(), ...files.keys()]), sizesOf);
  const weights = graph.inputs
    .filter(({ name }) => initializers.has(name))
    .map(({ name, value }) => ({ ...tensorProto(name, value), rawData: bytesOf(initializers.get(name)!) }));
  const external = graph.inputs.flatMap(({ name, value }) => {
    const place = files.get(name);
    return place === undefined ? [] : [externalTensor(name, value, place)];
  });
  const initializer = [...(model.graph.initializer ?? []), ...weights, ...external];
  return onnx.ModelProto.encode({ ...model, graph: { ...model.graph, initializer } }).finish();
}

function externalTensor(name: string, value: Value, { path, offsetBytes }: FilePlace): onnx.ITensorProto {
  return {
    ...tensorProto(name, value),
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: relative(rootOf(path), path) },
      { key: 'offset', value: String(offsetBytes) },
      { key: 'length', value: String(sizeOf(value.shape) * Float32Array.BYTES_PER_ELEMENT) },
    ],
  };
}

/** The folder that locations of external data count from. */
export function rootOf(path: string): string {
  return parse(path).root;
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
