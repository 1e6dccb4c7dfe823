import type { GraphBuilder } from '../graph/builder.js';
import type { Attribute, Graph, Node, Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

/** How a matrix product reads its operands, and the factor on its result. */
interface ProductFlags {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** Lets a matrix product read an operand directly where a transposition of the last two axes copied it before. */
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

/**
 * `fused`: ONNX Runtime's FusedMatMul, which its CPU and CUDA providers have. `onnx`: only ONNX's own operators, which
 * suit the WebGPU provider too: a FusedMatMul there would run on the CPU, between copies.
 */
export type ProductDialect = 'fused' | 'onnx';

/** Replaces Attune's product operator by those of the dialect. */
export function lowerProducts(graph: Graph, dialect: ProductDialect): Graph {
  return rewrite(graph, (node, builder) => {
    if (!isProduct(node)) return undefined;
    const flags = productFlags(node);
    const { transA, transB, alpha } = flags;
    const [a, b] = node.inputs as [Value, Value];
    const output = node.outputs[0]!;
    if (!transA && !transB && alpha === 1) return [builder.node('MatMul', [a, b], output)];
    const attributes = productAttributes(flags);
    if (output.type === 'float32' && dialect === 'fused') {
      return [builder.node('FusedMatMul', [a, b], { ...output, attributes, domain: 'com.microsoft' })];
    }
    if (output.type === 'float32' && a.shape.length === 2 && b.shape.length === 2) {
      return [builder.node('Gemm', [a, b], { ...output, attributes })];
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

/** The value that was transposed in its last two axes to make this one, if any. */
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
