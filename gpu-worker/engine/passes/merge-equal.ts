import type { Graph, Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';

/** Common-subexpression elimination: one node for the same operator, inputs and attributes. All operators are pure. */
export function mergeEqualNodes(graph: Graph): Graph {
  const known = new Map<string, readonly Value[]>();
  return rewrite(graph, (node, builder) => {
    const inputs = node.inputs.map(({ id }) => id);
    const outputs = node.outputs.map(({ type, shape }) => `${type}[${shape}]`);
    const key = `${node.domain}.${node.op}(${inputs}) ${JSON.stringify(node.attributes)} ${outputs}`;
    const merged = known.get(key) ?? builder.nodeOf(node.op, node.inputs, node.outputs, node);
    known.set(key, merged);
    return merged;
  });
}
