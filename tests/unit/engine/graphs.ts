import { GraphBuilder } from '../../../gpu-worker/engine/graph/builder.js';
import type { Graph, Node, Value } from '../../../gpu-worker/engine/graph/graph.js';

/** A graph with outputs named y0, y1, … */
export function graphOf(build: (builder: GraphBuilder) => Value | readonly Value[]): Graph {
  const builder = new GraphBuilder();
  const outputs = [build(builder)].flat();
  return builder.finish(outputs.map((value, index) => ({ name: `y${index}`, value })));
}

/** The operators of a graph in order, as `op` or `domain.op`. */
export function operators({ nodes }: Graph): string[] {
  return nodes.map(({ domain, op }) => (domain === '' ? op : `${domain}.${op}`));
}

/** The node that makes the first output. */
export function lastNode({ nodes, outputs }: Graph): Node {
  return nodes.find((node) => node.outputs.some(({ id }) => id === outputs[0]!.value.id))!;
}

export function float(builder: GraphBuilder, op: string, inputs: readonly Value[], shape: readonly number[]): Value {
  return builder.node(op, inputs, { shape, type: 'float32' });
}

export function transpose(builder: GraphBuilder, x: Value, perm: readonly number[]): Value {
  const shape = perm.map((axis) => x.shape[axis]!);
  return builder.node('Transpose', [x], { shape, type: x.type, attributes: { perm: { ints: perm } } });
}
