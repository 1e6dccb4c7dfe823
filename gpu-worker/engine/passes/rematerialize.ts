import { firstFreeId, type Graph, type Node, sizeOf, type Value } from '../graph/graph.js';
import { FlowNetwork } from '../graph/min-cut.js';

/** Operators that are computed again rather than kept: each is one pass over its operands. */
const repeatable = new Set([
  'Add',
  'And',
  'Cast',
  'Concat',
  'Div',
  'Equal',
  'Erf',
  'Exp',
  'Expand',
  'Gelu',
  'Greater',
  'Less',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Not',
  'Or',
  'Reciprocal',
  'Relu',
  'Reshape',
  'Sigmoid',
  'Slice',
  'Sqrt',
  'Sub',
  'Tanh',
  'Transpose',
  'Unsqueeze',
  'Where',
]);

/** What it costs to compute a value again, measured in what it costs to keep it. */
const costOfRepeating = 0.15;

/**
 * Lets the backward pass compute again what is cheap to compute, instead of keeping it from the forward pass: of a GELU
 * its argument is kept, and not the five tensors between. Which values are kept is a minimum cut between those that
 * have to be computed (products, sums over an axis) and those that the backward pass reads, by their sizes (as Horton &
 * Zhang do for PyTorch's functorch, "Min-cut optimal recomputation", 2022). Values are the same to the last bit.
 *
 * @param loss the output at which the forward pass ends
 */
export function rematerialize(graph: Graph, loss: string): Graph {
  const end = graph.outputs.find(({ name }) => name === loss)!.value.id;
  const boundary = graph.nodes.findIndex(({ outputs }) => outputs.some(({ id }) => id === end));
  const forward = graph.nodes.slice(0, boundary + 1);
  const backward = graph.nodes.slice(boundary + 1);
  const producers = new Map(forward.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  const read = new Set(backward.flatMap(({ inputs }) => inputs.map(({ id }) => id)).filter((id) => producers.has(id)));
  const repeated = repeatedValues(forward, producers, read);

  let nextId = firstFreeId(graph);
  const copies = new Map<number, Value>();
  const nodes: Node[] = [...forward];
  const again = (value: Value): Value => {
    if (!repeated.has(value.id)) return value;
    const known = copies.get(value.id);
    if (known !== undefined) return known;
    const node = producers.get(value.id)!;
    const inputs = node.inputs.map(again);
    const copy = { ...value, id: nextId++ };
    copies.set(value.id, copy);
    nodes.push({ ...node, inputs, outputs: [copy] });
    return copy;
  };
  for (const node of backward) {
    const inputs = node.inputs.map(again);
    nodes.push({ ...node, inputs });
  }
  return { ...graph, nodes };
}

/** The values of the forward pass that are computed again. */
function repeatedValues(
  forward: readonly Node[],
  producers: ReadonlyMap<number, Node>,
  read: ReadonlySet<number>,
): ReadonlySet<number> {
  const network = new FlowNetwork();
  const [source, sink] = [network.addNode(), network.addNode()];
  // A value is an edge: cut, it is kept. Beyond it on the sink's side, it is computed again.
  const before = new Map<number, number>();
  for (const node of forward) {
    for (const output of node.outputs) {
      const [from, to] = [network.addNode(), network.addNode()];
      before.set(output.id, from);
      const size = sizeOf(output.shape);
      network.addEdge(from, to, size);
      if (read.has(output.id)) network.addEdge(to, sink, Number.POSITIVE_INFINITY);
      const isRepeatable = node.domain === '' && node.outputs.length === 1 && repeatable.has(node.op);
      network.addEdge(source, from, isRepeatable ? costOfRepeating * size : Number.POSITIVE_INFINITY);
      if (!isRepeatable) continue;
      for (const { id } of node.inputs) {
        const input = before.get(id);
        if (input !== undefined) network.addEdge(input + 1, from, Number.POSITIVE_INFINITY);
      }
    }
  }
  const kept = network.sourceSide(source, sink);
  return new Set([...before].filter(([id, from]) => producers.has(id) && !kept.has(from)).map(([id]) => id));
}
