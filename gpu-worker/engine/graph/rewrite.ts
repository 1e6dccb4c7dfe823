import { GraphBuilder } from './builder.js';
import type { Graph, Node, Value } from './graph.js';

/**
 * What a pass does with one node: `undefined` keeps the node; values replace its outputs. The node's inputs are already
 * rewritten, and the rule adds further nodes through the builder.
 */
export type RewriteRule = (node: Node, builder: GraphBuilder) => readonly Value[] | undefined;

/**
 * A new graph in which the rule was applied to every node, once, in order. Unused nodes stay until eliminateDeadNodes.
 */
export function rewrite(graph: Graph, rule: RewriteRule): Graph {
  const builder = new GraphBuilder();
  const replaced = new Map<number, Value>();
  const now = (value: Value): Value => replaced.get(value.id)!;
  for (const { name, value } of graph.inputs) replaced.set(value.id, builder.input(name, value.shape, value.type));
  for (const { value, data } of graph.constants) {
    replaced.set(value.id, builder.constant(value.shape, value.type, data));
  }
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map(now) };
    const outputs = rule(node, builder) ?? builder.nodeOf(node.op, node.inputs, node.outputs, node);
    original.outputs.forEach((output, index) => {
      replaced.set(output.id, outputs[index]!);
    });
  }
  return builder.finish(graph.outputs.map(({ name, value }) => ({ name, value: now(value) })));
}
