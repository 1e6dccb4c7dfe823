import type { Graph, Named, Node, Value } from '../graph/graph.js';

/**
 * The form in which one parameter's gradient leaves the graph: a dense tensor, rows with their ids, or both (tied
 * weights).
 */
export interface GradientOutputs {
  readonly parameter: string;
  readonly dense: string | undefined;
  readonly rows: readonly { readonly ids: string; readonly rows: string }[];
}

/**
 * Lets the gradient of a gathered parameter leave the graph as (ids [N], rows [N,H]) instead of being scattered into a
 * table of zeros [V,H]. A sum with such a term leaves as its terms, which ParameterStore.accumulateRows adds in a fixed
 * order.
 */
export function splitEmbeddingGradients(
  graph: Graph,
  gradients: ReadonlyMap<string, string>,
): { readonly graph: Graph; readonly gradients: readonly GradientOutputs[] } {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output.id, node] as const)));
  const outputs: Named[] = [];
  const split: GradientOutputs[] = [];
  for (const output of graph.outputs) {
    const parameter = gradients.get(output.name);
    if (parameter === undefined) {
      outputs.push(output);
      continue;
    }
    const { dense, rows } = terms(output.value, producers);
    // Several dense terms would need a sum of their own, which the graph does not have: such a gradient stays whole.
    const parts = dense.length > 1 ? { dense: [output.value], rows: [] } : { dense, rows };
    for (const value of parts.dense) outputs.push({ name: output.name, value });
    parts.rows.forEach((node, index) => {
      const [values, ids] = node.inputs as [Value, Value];
      outputs.push({ name: `${output.name}/rows/${index}`, value: values });
      outputs.push({ name: `${output.name}/ids/${index}`, value: ids });
    });
    split.push({
      parameter,
      dense: parts.dense.length === 1 ? output.name : undefined,
      rows: parts.rows.map((_, index) => ({
        ids: `${output.name}/ids/${index}`,
        rows: `${output.name}/rows/${index}`,
      })),
    });
  }
  return { graph: { ...graph, outputs }, gradients: split };
}

/** The terms of a gradient: segment sums over rows, and all others. */
function terms(
  value: Value,
  producers: ReadonlyMap<number, Node>,
): { readonly dense: readonly Value[]; readonly rows: readonly Node[] } {
  const producer = producers.get(value.id);
  // The elements of a vector are not rows.
  if (producer?.domain === 'attune' && producer.op === 'SegmentSum' && value.shape.length > 1) {
    return { dense: [], rows: [producer] };
  }
  if (producer?.domain === '' && producer.op === 'Add') {
    const parts = producer.inputs.map((input) => terms(input, producers));
    // A sum of only dense tensors is one dense tensor.
    if (parts.some(({ rows }) => rows.length > 0)) {
      return { dense: parts.flatMap(({ dense }) => dense), rows: parts.flatMap(({ rows }) => rows) };
    }
  }
  return { dense: [value], rows: [] };
}
