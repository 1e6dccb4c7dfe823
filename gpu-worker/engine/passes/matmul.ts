import type { GraphBuilder } from '../graph/builder.js';
import { type Attribute, type Graph, type Node, sameShape, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

/** How a matrix product reads its operands, and the factor on its result. */
interface ProductFlags {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** Lets a matrix product read its operand where a transposition of the last two axes would have copied it first. */
export function fuseTranspositions(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    if (!isProduct(node)) return undefined;
    const [a, b] = node.inputs.map((input) => untransposed(input, builder));
    if (a === undefined && b === undefined) return undefined;
    const flags = productFlags(node);
    const inputs = [a ?? node.inputs[0]!, b ?? node.inputs[1]!];
    const turned = { ...flags, transA: flags.transA !== (a !== undefined), transB: flags.transB !== (b !== undefined) };
    return builder.nodeOf(node.op, inputs, node.outputs, { ...node, attributes: productAttributes(turned) });
  });
}

/** Multiplies inside a product what would be a pass over its result (attention's 1/√d), where nothing else reads the product. */
export function fuseScales(graph: Graph): Graph {
  const products = new Map(graph.nodes.filter(isProduct).map((node) => [node.outputs[0]!.id, node]));
  const scalars = new Map(
    graph.constants
      .filter(({ value, data }) => value.type === 'float32' && data.length === 1)
      .map(({ value, data }) => [value.id, Number(data[0])]),
  );
  const uses = new Map<number, number>();
  for (const value of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ value }) => value)]) {
    uses.set(value.id, (uses.get(value.id) ?? 0) + 1);
  }
  const scaled = (node: Node): Node => {
    if (node.domain !== '' || (node.op !== 'Mul' && node.op !== 'Div')) return node;
    const [x, y] = node.inputs.map(({ id }) => id) as [number, number];
    const [productId, scalarId] = node.op === 'Mul' && scalars.has(x) ? [y, x] : [x, y];
    const [product, scalar] = [products.get(productId), scalars.get(scalarId)];
    if (product === undefined || scalar === undefined || uses.get(productId) !== 1) return node;
    if (!sameShape(product.outputs[0]!.shape, node.outputs[0]!.shape)) return node;
    const flags = productFlags(product);
    const alpha = Math.fround(node.op === 'Mul' ? flags.alpha * scalar : flags.alpha / scalar);
    return { ...product, outputs: node.outputs, attributes: productAttributes({ ...flags, alpha }) };
  };
  return { ...graph, nodes: graph.nodes.map(scaled) };
}

/** `runtime`: ONNX Runtime's FusedMatMul where it saves a copy. `portable`: ONNX's own operators alone. */
export type MatMulDialect = 'runtime' | 'portable';

/** Replaces our product operator by what the dialect offers. */
export function lowerProducts(graph: Graph, dialect: MatMulDialect): Graph {
  return rewrite(graph, (node, builder) => {
    if (!isProduct(node)) return undefined;
    const { transA, transB, alpha } = productFlags(node);
    const [a, b] = node.inputs as [Value, Value];
    const output = node.outputs[0]!;
    if (!transA && !transB && alpha === 1) return [builder.node('MatMul', [a, b], output)];
    if (dialect === 'runtime' && output.type === 'float32') {
      const attributes = productAttributes({ transA, transB, alpha });
      return [builder.node('FusedMatMul', [a, b], { ...output, attributes, domain: 'com.microsoft' })];
    }
    const operands = [transA ? transposed(a, builder) : a, transB ? transposed(b, builder) : b];
    const result = builder.node('MatMul', operands, output);
    return [alpha === 1 ? result : builder.node('Mul', [result, builder.scalar(output.type, alpha)], output)];
  });
}

export function isProduct(node: Node): boolean {
  return node.domain === 'attune' && node.op === 'MatMul';
}

export function productFlags({ attributes }: Node): ProductFlags {
  const flag = (attribute: Attribute | undefined): boolean =>
    attribute !== undefined && 'int' in attribute && attribute.int === 1;
  const { transA, transB, alpha } = attributes;
  return {
    transA: flag(transA),
    transB: flag(transB),
    alpha: alpha !== undefined && 'float' in alpha ? alpha.float : 1,
  };
}

export function productAttributes({ transA, transB, alpha }: ProductFlags): Record<string, Attribute> {
  return { transA: { int: transA ? 1 : 0 }, transB: { int: transB ? 1 : 0 }, alpha: { float: alpha } };
}

/** What a transposition of the last two axes was made from. */
function untransposed(value: Value, builder: GraphBuilder): Value | undefined {
  const producer = builder.producerOf(value);
  if (producer?.op !== 'Transpose' || producer.domain !== '') return undefined;
  const { perm } = producer.attributes;
  const rank = value.shape.length;
  const swaps =
    perm !== undefined && 'ints' in perm && perm.ints.every((axis, index) => axis === swappedLast(index, rank));
  return swaps ? producer.inputs[0] : undefined;
}

export function transposed(value: Value, builder: GraphBuilder): Value {
  const rank = value.shape.length;
  const perm = value.shape.map((_, index) => swappedLast(index, rank));
  const shape = perm.map((axis) => value.shape[axis]!);
  return builder.node('Transpose', [value], { shape, type: value.type, attributes: { perm: { ints: perm } } });
}

function swappedLast(index: number, rank: number): number {
  if (index === rank - 1) return rank - 2;
  return index === rank - 2 ? rank - 1 : index;
}
