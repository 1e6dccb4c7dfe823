import { EngineError } from '../errors.js';
import type { Attribute, ElementData, ElementType, Graph, Named, Node, Value } from '../graph/graph.js';
import { onnx } from './generated/onnx.js';

/** ONNX 1.15's operators and file version: read by ONNX Runtime ≥ 1.17, and the last change to an operator we write. */
const opsetVersion = 20;
const irVersion = 9;

/** A protobuf message's length is a signed 32-bit number. */
const maxModelBytes = 2 ** 31 - 1;

const elementTypes: Readonly<Record<ElementType, onnx.TensorProto.DataType>> = {
  float32: onnx.TensorProto.DataType.FLOAT,
  float64: onnx.TensorProto.DataType.DOUBLE,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
  bool: onnx.TensorProto.DataType.BOOL,
};

/**
 * The ONNX file of a graph. Inputs named in `initializers` become constants inside the file instead of inputs. Output values carry
 * the output's name; only one that is also an input, a constant or another output takes an Identity.
 *
 * @throws EngineError GRAPH_TOO_LARGE from 2 GB
 */
export function writeOnnx(graph: Graph, initializers: ReadonlyMap<string, Float32Array> = new Map()): Uint8Array {
  checkSize(graph, initializers);
  const names = new Map<number, string>();
  for (const { name, value } of graph.inputs) names.set(value.id, name);
  for (const { value } of graph.constants) names.set(value.id, `constant/${value.id}`);
  const copies: onnx.INodeProto[] = [];
  for (const { name, value } of graph.outputs) {
    const taken = names.get(value.id);
    if (taken === undefined) names.set(value.id, name);
    else copies.push({ opType: 'Identity', input: [taken], output: [name] });
  }
  const nameOf = (value: Value): string => names.get(value.id) ?? `value/${value.id}`;
  const model: onnx.IModelProto = {
    irVersion,
    producerName: 'attune',
    opsetImport: [
      { domain: '', version: opsetVersion },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'attune',
      node: [...graph.nodes.map((node) => nodeProto(node, nameOf)), ...copies],
      initializer: [
        ...graph.constants.map(({ value, data }) => tensorProto(nameOf(value), value, data)),
        ...graph.inputs
          .filter(({ name }) => initializers.has(name))
          .map(({ name, value }) => tensorProto(name, value, initializers.get(name)!)),
      ],
      input: graph.inputs.filter(({ name }) => !initializers.has(name)).map(valueProto),
      output: graph.outputs.map(valueProto),
    },
  };
  return onnx.ModelProto.encode(model).finish();
}

function checkSize(graph: Graph, initializers: ReadonlyMap<string, Float32Array>): void {
  const weights = [...initializers.values(), ...graph.constants.map(({ data }) => data)];
  const bytes = weights.reduce((total, { byteLength }) => total + byteLength, 0);
  // The graph itself is far below a megabyte a thousand nodes.
  if (bytes + graph.nodes.length * 1000 <= maxModelBytes) return;
  throw new EngineError(
    'GRAPH_TOO_LARGE',
    `A graph with ${bytes} bytes of constants does not fit into an ONNX file, whose limit is 2 GB. Keep the parameters as inputs.`,
  );
}

function nodeProto(
  { op, domain, inputs, outputs, attributes }: Node,
  nameOf: (value: Value) => string,
): onnx.INodeProto {
  return {
    opType: op,
    domain,
    input: inputs.map(nameOf),
    output: outputs.map(nameOf),
    attribute: Object.entries(attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  };
}

function attributeProto(name: string, attribute: Attribute): onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if ('int' in attribute) return { name, type: AttributeType.INT, i: attribute.int };
  if ('ints' in attribute) return { name, type: AttributeType.INTS, ints: [...attribute.ints] };
  if ('float' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.float };
  if ('type' in attribute) return { name, type: AttributeType.INT, i: elementTypes[attribute.type] };
  return { name, type: AttributeType.STRING, s: new TextEncoder().encode(attribute.string) };
}

/** ONNX stores raw data in little-endian order, which is this machine's: Node has no big-endian build that ONNX Runtime supports. */
function tensorProto(name: string, { shape, type }: Value, data: ElementData): onnx.ITensorProto {
  return {
    name,
    dims: [...shape],
    dataType: elementTypes[type],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function valueProto({ name, value }: Named): onnx.IValueInfoProto {
  const dim = value.shape.map((dimension) => ({ dimValue: dimension }));
  return { name, type: { tensorType: { elemType: elementTypes[value.type], shape: { dim } } } };
}
