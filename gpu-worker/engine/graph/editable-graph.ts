import { elementData } from './builder.js';
import { type Constant, firstFreeId, type Graph, type Named, type Node, type Value } from './graph.js';
import type { Use, Uses } from './uses.js';

/**
 * A graph whose nodes are replaced one at a time, for passes in which one change makes the next possible: a rewrite of
 * all nodes for each of n changes would take n times as long.
 */
export class EditableGraph implements Uses {
  readonly #inputs: readonly Named[];
  readonly #constants: Constant[];
  #outputs: readonly Named[];
  /** What stands for each node of the original graph, in order. */
  readonly #places: Node[][];
  readonly #placeOf = new Map<Node, number>();
  readonly #producers = new Map<number, Node>();
  readonly #readers = new Map<number, Set<Node>>();
  readonly #scalars = new Map<number, number>();
  #nextId: number;

  constructor(graph: Graph) {
    const { inputs, constants, nodes, outputs } = graph;
    this.#inputs = inputs;
    this.#constants = [...constants];
    this.#outputs = outputs;
    this.#places = nodes.map((node) => [node]);
    this.#nextId = firstFreeId(graph);
    for (const constant of constants) this.#noteScalar(constant);
    nodes.forEach((node, place) => {
      this.#add(node, place);
    });
  }

  producerOf(id: number): Node | undefined {
    return this.#producers.get(id);
  }

  /** In the order of the nodes. */
  of(id: number): readonly Use[] {
    const readers = [...(this.#readers.get(id) ?? [])].sort((a, b) => this.#compare(a, b));
    return readers.flatMap((node) =>
      node.inputs.flatMap((input, operand) => (input.id === id ? [{ node, operand }] : [])),
    );
  }

  isOutput(id: number): boolean {
    return this.#outputs.some(({ value }) => value.id === id);
  }

  scalarOf(id: number): number | undefined {
    return this.#scalars.get(id);
  }

  /** The nodes in an order in which they can be executed. They may be replaced meanwhile only if no more is read. */
  *nodes(): Generator<Node> {
    for (const place of this.#places) yield* place;
  }

  /** A new value of the same shape and type. */
  like({ shape, type }: Value): Value {
    return { id: this.#nextId++, shape, type };
  }

  /** A new float32 constant of one number. */
  scalar(number: number): Value {
    const value: Value = { id: this.#nextId++, shape: [], type: 'float32' };
    const constant = { value, data: elementData('float32', [number]) };
    this.#constants.push(constant);
    this.#noteScalar(constant);
    return value;
  }

  /** Puts nodes where one stood; none removes it. */
  replace(node: Node, nodes: readonly Node[]): void {
    const place = this.#placeOf.get(node)!;
    const siblings = this.#places[place]!;
    for (const { id } of node.outputs) this.#producers.delete(id);
    for (const { id } of node.inputs) this.#readers.get(id)?.delete(node);
    this.#placeOf.delete(node);
    siblings.splice(siblings.indexOf(node), 1, ...nodes);
    for (const each of nodes) this.#add(each, place);
  }

  /** Lets all nodes and outputs that read `before` read `after`, a value of the same shape and type. */
  redirect(before: Value, after: Value): void {
    for (const node of [...(this.#readers.get(before.id) ?? [])]) {
      this.replace(node, [{ ...node, inputs: node.inputs.map((input) => (input.id === before.id ? after : input)) }]);
    }
    this.#outputs = this.#outputs.map((output) =>
      output.value.id === before.id ? { ...output, value: after } : output,
    );
  }

  finish(): Graph {
    return { inputs: this.#inputs, constants: this.#constants, nodes: this.#places.flat(), outputs: this.#outputs };
  }

  #add(node: Node, place: number): void {
    this.#placeOf.set(node, place);
    for (const { id } of node.outputs) this.#producers.set(id, node);
    for (const { id } of node.inputs) {
      const known = this.#readers.get(id);
      if (known === undefined) this.#readers.set(id, new Set([node]));
      else known.add(node);
    }
  }

  #noteScalar({ value, data }: Constant): void {
    if (value.type === 'float32' && data.length === 1) this.#scalars.set(value.id, Number(data[0]));
  }

  #compare(a: Node, b: Node): number {
    const [first, second] = [this.#placeOf.get(a)!, this.#placeOf.get(b)!];
    if (first !== second) return first - second;
    const siblings = this.#places[first]!;
    return siblings.indexOf(a) - siblings.indexOf(b);
  }
}
