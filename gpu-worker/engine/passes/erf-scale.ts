import { type GraphBuilder, uniformNumber } from '../graph/builder.js';
import type { Graph, Node, Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

/** ½·erf + ½ in one pass: HardSigmoid(x) = max(0, min(1, α·x + β)), whose limits erf never passes. GELU's Φ(x). */
export function fuseErrorFunctionScale(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    if (node.op !== 'Add' || node.domain !== '') return undefined;
    const shift = pairWithNumber(node, builder);
    const scaled = shift && builder.producerOf(shift.value);
    if (shift?.number !== 0.5 || scaled?.op !== 'Mul' || scaled.domain !== '') return undefined;
    const factor = pairWithNumber(scaled, builder);
    if (factor?.number !== 0.5 || builder.producerOf(factor.value)?.op !== 'Erf') return undefined;
    const attributes = { alpha: { float: 0.5 }, beta: { float: 0.5 } };
    return [builder.node('HardSigmoid', [factor.value], { ...node.outputs[0]!, attributes })];
  });
}

/** An operator's inputs as a number and the other one, of the result's shape. */
function pairWithNumber(node: Node, builder: GraphBuilder): { number: number; value: Value } | undefined {
  const [x, y] = node.inputs as [Value, Value];
  for (const [value, other] of [
    [x, y],
    [y, x],
  ] as const) {
    const number = other.shape.length === 0 ? uniformNumber(builder, other) : undefined;
    if (number !== undefined) return { number, value };
  }
  return undefined;
}
