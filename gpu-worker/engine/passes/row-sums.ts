import type { GraphBuilder } from '../graph/builder.js';
import { type Graph, type Node, sizeOf, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { reshape } from '../lowerings/lowering.js';
import { matMul } from '../lowerings/matmul.js';
import { byOwnSizes, type Choices } from './choices.js';

/** Fewer rows are summed fast enough in either way. */
const minRows = 16;

/**
 * Computes sums over all leading axes (the gradients of biases and gains) as 1ᵀ·x: ONNX Runtime's ReduceSum walks
 * columns, and took 2.1 ms for [2048,1536] where the product took 0.6.
 */
export function sumRowsByProducts(graph: Graph, choices: Choices = byOwnSizes): Graph {
  return rewrite(graph, (node, builder) => {
    const [x] = node.inputs;
    if (node.op !== 'ReduceSum' || x?.type !== 'float32' || !sumsLeadingAxes(node, builder)) return undefined;
    const columns = x.shape.at(-1)!;
    const rows = sizeOf(x.shape) / columns;
    if (columns === 1 || !choices.pays(() => rows >= minRows)) return undefined;
    const ones = builder.splat([1, rows], 'float32', 1);
    return [reshape(builder, matMul(builder, ones, reshape(builder, x, [rows, columns])), node.outputs[0]!.shape)];
  });
}

function sumsLeadingAxes(node: Node, builder: GraphBuilder): boolean {
  const [x, axes] = node.inputs as [Value, Value];
  const data = builder.constantOf(axes)?.data;
  const leading = x.shape.length - 1;
  return leading > 0 && data?.length === leading && Array.from(data, Number).every((axis) => axis < leading);
}
