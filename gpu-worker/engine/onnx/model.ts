import type { Attribute, ElementData, ElementType, Graph, Node, Value } from '../graph/graph.js';
import { onnx } from './generated/onnx.js';

/**
 * ONNX 1.15's operators and file version: ONNX Runtime ≥ 1.17 reads them, and no operator that we write has changed
 * since, but one: DequantizeLinear reads blocks only since ONNX 1.16.
 */
const versions = { opset: 20, ir: 9 };
const versionsOfBlocks = { opset: 21, ir: 10 };

const elementTypes: Readonly<Record<ElementType, onnx.TensorProto.DataType>> = {
  float32: onnx.TensorProto.DataType.FLOAT,
  float64: onnx.TensorProto.DataType.DOUBLE,
  float16: onnx.TensorProto.DataType.FLOAT16,
  int32: onnx.TensorProto.DataType.INT32,
  int64: onnx.TensorProto.DataType.INT64,
  uint8: onnx.TensorProto.DataType.UINT8,
  bool: onnx.TensorProto.DataType.BOOL,
};

/** The sizes of a value as a file states them; a name stands for any size. Undefined where the sizes are not known. */
export type StatedSizes = (value: Value) => readonly (number | string)[] | undefined;

/**
 * A graph as an ONNX model without its weights, which the caller adds: inputs named in `weights` are not inputs of the
 * model. Output values have the output's name; an output that is also an input, a constant or another output gets an
 * Identity.
 */
export function modelProto(
  graph: Graph,
  weights: ReadonlySet<string>,
  sizesOf: StatedSizes = ({ shape }) => shape,
): onnx.IModelProto & { graph: onnx.IGraphProto } {
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
  const contributed = graph.nodes.some(({ domain }) => domain === 'com.microsoft');
  const { opset, ir } = graph.nodes.some(({ op }) => op === 'DequantizeLinear') ? versionsOfBlocks : versions;
  return {
    irVersion: ir,
    producerName: 'attune',
    opsetImport: [{ domain: '', version: opset }, ...(contributed ? [{ domain: 'com.microsoft', version: 1 }] : [])],
    graph: {
      name: 'attune',
      node: [...leavesLast(graph.nodes).map((node) => nodeProto(node, nameOf)), ...copies],
      initializer: graph.constants.map(({ value, data }) => ({
        ...tensorProto(nameOf(value), value),
        rawData: bytesOf(data),
      })),
      input: graph.inputs
        .filter(({ name }) => !weights.has(name))
        .map(({ name, value }) => valueProto(name, value, sizesOf)),
      valueInfo: graph.nodes
        .flatMap(({ outputs }) => outputs)
        .filter((value) => value.type === 'float32' && sizesOf(value)?.some((size) => typeof size === 'string'))
        .map((value) => valueProto(nameOf(value), value, sizesOf)),
      output: graph.outputs.map(({ name, value }) => valueProto(name, value, sizesOf)),
    },
  };
}

/**
 * The nodes in an order from which ONNX Runtime makes one that holds little at a time. Among nodes that nothing reads,
 * it begins with the last one, and computes first what that one needs, and so on. Those of a training step are its loss
 * and gradients: with the loss last, and before it the gradients from the last that was recorded, each is computed as
 * soon as it can be, and what it reads is freed. Otherwise the lowest layer's would come first, for which the gradients
 * of the states of all layers are needed.
 */
function leavesLast(nodes: readonly Node[]): readonly Node[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ id }) => id)));
  const isLeaf = ({ outputs }: Node) => !outputs.some(({ id }) => read.has(id));
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()];
}

/** A tensor without its data. */
export function tensorProto(name: string, { shape, type }: Pick<Value, 'shape' | 'type'>): onnx.ITensorProto {
  return { name, dims: [...shape], dataType: elementTypes[type] };
}

/**
 * ONNX stores raw data in little-endian order, which is this machine's order: Node has no big-endian build that ONNX
 * Runtime supports.
 */
export function bytesOf({ buffer, byteOffset, byteLength }: ElementData): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
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

/** ONNX requires a shape for every input and output; where sizes are not known, only the rank is stated. */
function valueProto(name: string, value: Value, sizesOf: StatedSizes): onnx.IValueInfoProto {
  const sizes = sizesOf(value) ?? value.shape.map((_, axis) => `${name}/${axis}`);
  const dim = sizes.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[value.type], shape: { dim } } } };
}
