import type { GraphBuilder } from '../graph/builder.js';
import { type Attribute, type Graph, sizeOf, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { isProduct, productAttributes, productFlags, transposed } from './matmul.js';

/**
 * Arranges products for ONNX Runtime's CPU kernels, which pack a transposed left operand slowly: on one core Pᵀ·V of attention (192
 * times [128,128]ᵀ·[128,32]) took 10.3 ms, and 4.5 + 0.5 ms as (Vᵀ·P)ᵀ with the small matrices transposed beforehand; a weight's gradient
 * [2048,384]ᵀ·[2048,384] 8.6 ms against 6.6 + 0.5. A transposed right operand costs something in batches alone (4.5 against 3.2 + 0.2 ms).
 *
 * The copies often cost nothing: they merge with the transpositions that split and join attention heads.
 */
export function arrangeProducts(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    if (!isProduct(node) || node.outputs[0]!.type !== 'float32') return undefined;
    const { transA, transB, alpha } = productFlags(node);
    const [a, b] = node.inputs as [Value, Value];
    const output = node.outputs[0]!;
    const batched = output.shape.length > 2;
    if (transA) {
      // (aᵀ·b)ᵀ = bᵀ·a reads a as it lies. Elements to copy: a, or b and the result.
      const swappedCopies = (transB ? 0 : sizeOf(b.shape)) + sizeOf(output.shape);
      if (swappedCopies < sizeOf(a.shape)) {
        const left = transB ? b : transposed(b, builder);
        const shape = [...output.shape.slice(0, -2), output.shape.at(-1)!, output.shape.at(-2)!];
        return [transposed(product(builder, left, a, shape, false, alpha), builder)];
      }
      return [product(builder, transposed(a, builder), b, output.shape, transB, alpha)];
    }
    return transB && batched ? [product(builder, a, transposed(b, builder), output.shape, false, alpha)] : undefined;
  });
}

function product(
  builder: GraphBuilder,
  a: Value,
  b: Value,
  shape: readonly number[],
  transB: boolean,
  alpha: number,
): Value {
  const attributes: Record<string, Attribute> = productAttributes({ transA: false, transB, alpha });
  return builder.node('MatMul', [a, b], { shape, type: 'float32', attributes, domain: 'attune' });
}
