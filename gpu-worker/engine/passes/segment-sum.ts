import type { GraphBuilder } from '../graph/builder.js';
import { type Graph, sizeOf, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { binary, select } from '../lowerings/elementwise.js';
import { cast, reshape } from '../lowerings/lowering.js';
import { sliced } from '../lowerings/shape.js';

/**
 * Expands segment sums: out [S,…] with out[s] = Σ x[i] over ids[i] = s; ids outside of 0 … S−1 are dropped.
 *
 * Uses ScatterElements with addition, which ONNX Runtime's CPU provider runs on one thread and in order. ScatterND must
 * not be used: its threads race on repeated ids and lose terms (onnxruntime#18048).
 */
export function expandSegmentSums(graph: Graph): Graph {
  return rewrite(graph, (node, builder) => {
    if (node.domain !== 'attune' || node.op !== 'SegmentSum') return undefined;
    return [segmentSum(builder, node.inputs[0]!, node.inputs[1]!, node.outputs[0]!.shape)];
  });
}

function segmentSum(builder: GraphBuilder, x: Value, ids: Value, shape: readonly number[]): Value {
  const [segments, ...inner] = shape as [number, ...number[]];
  const [count, width] = [ids.shape[0]!, sizeOf(inner)];
  // An additional segment takes the dropped rows, because ONNX would count a negative id from the end.
  const below = binary(builder, 'Less', ids, builder.scalar(ids.type, 0), 'bool');
  const above = binary(builder, 'GreaterOrEqual', ids, builder.scalar(ids.type, segments), 'bool');
  const outside = binary(builder, 'Or', below, above, 'bool');
  const safe = select(builder, outside, builder.scalar(ids.type, segments), ids);
  const column = reshape(builder, cast(builder, safe, 'int64'), [count, 1]);
  const indices = builder.node('Expand', [column, builder.int64s([count, width])], {
    shape: [count, width],
    type: 'int64',
  });
  const zeros = builder.splat([segments + 1, width], x.type, 0);
  const summed = builder.node('ScatterElements', [zeros, indices, reshape(builder, x, [count, width])], {
    shape: [segments + 1, width],
    type: x.type,
    attributes: { axis: { int: 0 }, reduction: { string: 'add' } },
  });
  return reshape(builder, sliced(builder, summed, 0, 0, segments), shape);
}
