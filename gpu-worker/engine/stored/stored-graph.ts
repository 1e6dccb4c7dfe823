import { elementData } from '../graph/builder.js';
import {
  type Attribute,
  type Constant,
  type Domain,
  type ElementType,
  firstFreeId,
  type Graph,
  type Node,
  type Value,
} from '../graph/graph.js';
import type { Weight } from '../onnx/files.js';

/** A graph that reads its weights as a file stores them. */
export interface StoredGraph {
  readonly graph: Graph;
  readonly weights: readonly Weight[];
  /** The value of the float32 graph that a value stands for, whose sizes are known. */
  original(value: Value): Value;
}

/** Whether a node is a matrix product of ONNX's own operators. */
export function isPlainProduct({ op, domain }: Node): boolean {
  return domain === '' && (op === 'MatMul' || op === 'Gemm');
}

/** Whether a product reads its second operand transposed. */
export function readsTransposed({ attributes: { transB } }: Node): boolean {
  return transB !== undefined && 'int' in transB && transB.int === 1;
}

/** Where each value is read, in the order of the nodes. */
export function readersOf({ nodes }: Graph): ReadonlyMap<number, readonly Node[]> {
  const readers = new Map<number, Node[]>();
  for (const node of nodes) {
    for (const { id } of node.inputs) {
      const known = readers.get(id);
      if (known === undefined) readers.set(id, [node]);
      else known.push(node);
    }
  }
  return readers;
}

/** The nodes and constants of a graph that is written anew, in an order in which they can be executed. */
export class NodeList {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  #nextId: number;

  constructor(graph: Graph) {
    this.#nextId = firstFreeId(graph);
    this.constants.push(...graph.constants);
  }

  value(shape: readonly number[], type: ElementType): Value {
    return { id: this.#nextId++, shape, type };
  }

  constant(shape: readonly number[], type: ElementType, values: readonly number[]): Value {
    const value = this.value(shape, type);
    this.constants.push({ value, data: elementData(type, values) });
    return value;
  }

  node(
    op: string,
    inputs: readonly Value[],
    output: { readonly shape: readonly number[]; readonly type: ElementType },
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: Domain = '',
  ): Value {
    const value = this.value(output.shape, output.type);
    this.nodes.push({ op, domain, inputs, outputs: [value], attributes });
    return value;
  }
}
