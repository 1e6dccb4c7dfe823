import type { Graph, Node } from './graph.js';

/** A place where a value is read. */
interface Use {
  readonly node: Node;
  /** Index of the value among the node's inputs. */
  readonly operand: number;
}

/** The producer and the readers of each value of a graph. */
export interface Uses {
  producerOf(id: number): Node | undefined;
  of(id: number): readonly Use[];
  isOutput(id: number): boolean;
  /** The number, if the value is a constant of one float32 element; else undefined. */
  scalarOf(id: number): number | undefined;
}

export function usesIn(graph: Graph): Uses {
  const producers = new Map<number, Node>();
  const uses = new Map<number, Use[]>();
  const outputs = new Set(graph.outputs.map(({ value }) => value.id));
  const scalars = new Map<number, number>();
  for (const { value, data } of graph.constants) {
    if (value.type === 'float32' && data.length === 1) scalars.set(value.id, Number(data[0]));
  }
  for (const node of graph.nodes) {
    for (const { id } of node.outputs) producers.set(id, node);
    node.inputs.forEach(({ id }, operand) => {
      const known = uses.get(id);
      if (known === undefined) uses.set(id, [{ node, operand }]);
      else known.push({ node, operand });
    });
  }
  return {
    producerOf: (id) => producers.get(id),
    of: (id) => uses.get(id) ?? [],
    isOutput: (id) => outputs.has(id),
    scalarOf: (id) => scalars.get(id),
  };
}
