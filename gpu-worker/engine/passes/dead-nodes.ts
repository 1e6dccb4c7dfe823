import type { Graph, Node } from '../graph/graph.js';

/**
 * Keeps the nodes that an output needs. This drops gradients that nothing reads: below the lowest trainable layer
 * nothing is computed.
 */
export function eliminateDeadNodes(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ value }) => value.id));
  const nodes: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some(({ id }) => needed.has(id))) continue;
    nodes.push(node);
    for (const { id } of node.inputs) needed.add(id);
  }
  return {
    inputs: graph.inputs.filter(({ value }) => needed.has(value.id)),
    constants: graph.constants.filter(({ value }) => needed.has(value.id)),
    nodes: nodes.reverse(),
    outputs: graph.outputs,
  };
}
