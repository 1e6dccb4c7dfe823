import type { GraphBuilder } from '../graph/builder.js';
import { broadcastShape, type Graph, type Node, sameShape, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

/** Operators that broadcast their inputs and work element by element. */
const elementwise = new Set(
  [
    'Add Sub Mul Div Pow Max Min Mod And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual Where Not Neg Abs Sign Relu Floor Ceil',
    'Round Exp Log Sqrt Reciprocal Tanh Sigmoid Erf Softplus Sin Cos Cast LeakyRelu Elu',
  ]
    .join(' ')
    .split(' '),
);

/**
 * tfjs writes repeated values out: the gradient of a sum is dy · ones, and a scalar meets a matrix as a filled matrix.
 * Elementwise operators broadcast by themselves, so an Expand before one is dropped, or moved behind it when all its
 * inputs are repeated values.
 */
export function absorbBroadcasts(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    const output = node.outputs[0]!;
    if (node.domain !== '') return undefined;
    if (node.op === 'Expand') return expandOfExpand(node, builder);
    if (node.op === 'Reshape') return reshapeOfSplat(node, builder);
    if (!elementwise.has(node.op)) return undefined;
    const inputs = node.inputs.map((input) => unexpanded(input, builder));
    if (inputs.every((input, index) => input === node.inputs[index])) return undefined;
    const shape = inputs.reduce<number[]>((common, input) => broadcastShape(common, input.shape), []);
    const result = builder.node(node.op, inputs, { shape, type: output.type, attributes: node.attributes });
    if (sameShape(shape, output.shape)) return [result];
    return [builder.node('Expand', [result, builder.int64s(output.shape)], output)];
  });
}

function unexpanded(value: Value, builder: GraphBuilder): Value {
  const producer = builder.producerOf(value);
  return producer?.op === 'Expand' ? producer.inputs[0]! : value;
}

function expandOfExpand(node: Node, builder: GraphBuilder): readonly Value[] | undefined {
  const inner = unexpanded(node.inputs[0]!, builder);
  return inner === node.inputs[0] ? undefined : [builder.node('Expand', [inner, node.inputs[1]!], node.outputs[0]!)];
}

function reshapeOfSplat(node: Node, builder: GraphBuilder): readonly Value[] | undefined {
  const inner = unexpanded(node.inputs[0]!, builder);
  const output = node.outputs[0]!;
  if (inner === node.inputs[0] || inner.shape.length > 0) return undefined;
  return [builder.node('Expand', [inner, builder.int64s(output.shape)], output)];
}
