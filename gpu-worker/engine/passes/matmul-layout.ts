import type { GraphBuilder } from '../graph/builder.js';
import { type Graph, sizeOf, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { byOwnSizes, type Choices } from './choices.js';
import { isProduct, productAttributes, productFlags, transposed } from './matmul.js';

/**
 * Arranges the products of attention for ONNX Runtime's CPU kernels, which are slow on transposed operands in batches
 * of small matrices. Measured on one core, 192 times: [128,128]ᵀ·[128,32] took 10.3 ms, and as (bᵀ·a)ᵀ with the small
 * matrices transposed beforehand 4.5 + 0.5; [128,32]·[128,32]ᵀ took 4.5 ms against 3.2 + 0.2. The copies often cost
 * nothing, because they merge with the transpositions that split and join attention heads. Single large products are
 * left alone: a weight's gradient xᵀ·dy is slower with an explicit transposition.
 */
export function arrangeProducts(graph: Graph, choices: Choices = byOwnSizes): Graph {
  return rewrite(graph, (node, builder) => {
    const output = node.outputs[0]!;
    if (!isProduct(node) || output.type !== 'float32' || output.shape.length < 3) return undefined;
    const { transA, transB, alpha } = productFlags(node);
    const [a, b] = node.inputs as [Value, Value];
    // What a graph is given lies as it lies: a copy of it would cost more than it saves.
    const isGiven = builder.producerOf(b) === undefined;
    if (!transA)
      return transB && !isGiven ? [product(builder, a, transposed(b, builder), output.shape, alpha)] : undefined;
    // (aᵀ·b)ᵀ = bᵀ·a reads a without a copy. The costs are the elements to copy: those of a, or those of b and of the
    // result.
    const swappedCopies = (transB ? 0 : sizeOf(b.shape)) + sizeOf(output.shape);
    if (choices.pays(() => swappedCopies < sizeOf(a.shape))) {
      const shape = [...output.shape.slice(0, -2), output.shape.at(-1)!, output.shape.at(-2)!];
      return [transposed(product(builder, transB ? b : transposed(b, builder), a, shape, alpha), builder)];
    }
    const right = transB ? transposed(b, builder) : b;
    return [product(builder, transposed(a, builder), right, output.shape, alpha)];
  });
}

function product(builder: GraphBuilder, a: Value, b: Value, shape: readonly number[], alpha: number): Value {
  const attributes = productAttributes({ transA: false, transB: false, alpha });
  return builder.node('MatMul', [a, b], { shape, type: 'float32', attributes, domain: 'attune' });
}
