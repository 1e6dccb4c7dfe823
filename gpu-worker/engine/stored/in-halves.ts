import { float32ToFloat16 } from '../../../src/storage/half-precision.js';
import type { Graph, Node, Value } from '../graph/graph.js';
import type { Weight } from '../onnx/files.js';
import { isPlainProduct, NodeList, readersOf, type StoredGraph } from './stored-graph.js';

/**
 * A graph whose matrices are stored as float16, and whose products compute in float16, of weights and of attention.
 *
 * All else stays in float32: norms, softmax, activations and the residuals between. Residuals of large models pass
 * 65,504, the greatest float16 (Gemma 3's do), and a square of RMSNorm does at 256; products read what norms made
 * small. Attention's factor is applied to the queries before they meet the keys, not to the scores, which would pass
 * that bound first. Operators that only move numbers, and what has been float16 before, stay in it.
 *
 * @param inHalf names of inputs and outputs that are float16; the others are as in `graph`
 */
export function inHalves(graph: Graph, weights: readonly Weight[], inHalf: ReadonlySet<string>): StoredGraph {
  const halving = new Halving(graph, inHalf, new Set(weights.map(({ name }) => name)));
  for (const node of graph.nodes) halving.take(node);
  const outputs = graph.outputs.map(({ name, value }) => ({
    name,
    value: inHalf.has(name) ? halving.half(value) : halving.whole(value),
  }));
  const { nodes, constants } = halving.list;
  return {
    graph: { inputs: halving.inputs, constants, nodes, outputs },
    weights: weights.map((weight) => (halving.storesHalves(weight.name) ? halved(weight) : weight)),
    original: (value) => halving.originals.get(value.id) ?? value,
  };
}

function halved({ name, shape, read }: Weight): Weight {
  return {
    name,
    shape,
    type: 'float16',
    read: async () => new Uint16Array(float32ToFloat16((await read()) as Float32Array).buffer as ArrayBuffer),
  };
}

/** Operators that copy elements of their first operand and leave them as they are. */
const movers: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Reshape', 'Transpose', 'Tile', 'Expand', 'Squeeze']);

class Halving {
  readonly list: NodeList;
  readonly originals = new Map<number, Value>();
  readonly inputs: { readonly name: string; readonly value: Value }[] = [];
  readonly #halves = new Map<number, Value>();
  readonly #wholes = new Map<number, Value>();
  readonly #stored = new Map<number, string>();
  /** By the output of a product: the multiplication by a number that alone reads it. */
  readonly #scalings = new Map<number, { readonly node: Node; readonly factor: Value }>();
  readonly #absorbed = new Set<Node>();

  constructor(graph: Graph, inHalf: ReadonlySet<string>, weights: ReadonlySet<string>) {
    this.list = new NodeList(graph);
    const readers = readersOf(graph);
    for (const { name, value } of graph.inputs) {
      const isStored =
        weights.has(name) && value.shape.length === 2 && isReadHalved(value, readers.get(value.id) ?? []);
      if (isStored) this.#stored.set(value.id, name);
      if (isStored || inHalf.has(name)) this.inputs.push({ name, value: this.#newHalf(value) });
      else {
        this.inputs.push({ name, value });
        this.#wholes.set(value.id, value);
      }
    }
    for (const { value } of graph.constants) this.#wholes.set(value.id, value);
    this.#noteScalings(graph, readers);
  }

  storesHalves(name: string): boolean {
    return [...this.#stored.values()].includes(name);
  }

  /** Takes over a node of the float32 graph. */
  take(node: Node): void {
    const [output] = node.outputs as [Value];
    if (this.#isHalfProduct(node)) this.#takeProduct(node);
    else if (this.#absorbed.has(node)) return;
    else if (this.#moves(node)) {
      const inputs = node.op === 'Concat' ? node.inputs.map((input) => this.half(input)) : this.#moved(node);
      this.list.nodes.push({ ...node, inputs, outputs: [this.#newHalf(output)] });
    } else {
      this.list.nodes.push({ ...node, inputs: node.inputs.map((input) => this.whole(input)) });
      for (const each of node.outputs) this.#wholes.set(each.id, each);
    }
  }

  /** The value as float16. */
  half(value: Value): Value {
    const known = this.#halves.get(value.id);
    if (known !== undefined) return known;
    const whole = this.whole(value);
    const half = this.#newHalf(value);
    this.list.nodes.push(castOf(whole, half));
    return half;
  }

  /** The value as it is in the float32 graph. */
  whole(value: Value): Value {
    const known = this.#wholes.get(value.id);
    if (known !== undefined) return known;
    const half = this.#halves.get(value.id);
    if (half === undefined) throw new RangeError(`no node has made the value ${value.id}`);
    this.#wholes.set(value.id, value);
    this.list.nodes.push(castOf(half, value));
    return value;
  }

  #takeProduct(node: Node): void {
    const scaling = this.#scalings.get(node.outputs[0]!.id);
    const [first, ...others] = node.inputs as [Value, ...Value[]];
    const scaled =
      scaling === undefined
        ? first
        : this.#keepWhole(this.list.node('Mul', [this.whole(first), scaling.factor], first));
    const inputs = [scaled, ...others].map((input) => this.half(input));
    const output = (scaling?.node ?? node).outputs[0]!;
    this.list.nodes.push({ ...node, inputs, outputs: [this.#newHalf(output)] });
  }

  /** Products of a stored matrix, and attention's, of rank 4. A sum over tokens, of rank 3, may pass float16. */
  #isHalfProduct(node: Node): boolean {
    if (!isPlainProduct(node)) return false;
    return node.outputs[0]!.shape.length === 4 || node.inputs.some(({ id }) => this.#stored.has(id));
  }

  #moves({ op, domain, inputs }: Node): boolean {
    if (domain !== '') return false;
    if (op === 'Concat') return inputs.some(({ id }) => this.#halves.has(id) && !this.#wholes.has(id));
    return movers.has(op) && this.#halves.has(inputs[0]!.id);
  }

  #moved(node: Node): Value[] {
    return node.inputs.map((input, operand) => (operand === 0 ? this.half(input) : this.whole(input)));
  }

  #newHalf(value: Value): Value {
    const half = this.list.value(value.shape, 'float16');
    this.#halves.set(value.id, half);
    this.originals.set(half.id, value);
    return half;
  }

  #keepWhole(value: Value): Value {
    this.#wholes.set(value.id, value);
    return value;
  }

  #noteScalings({ nodes, constants, outputs }: Graph, readers: ReturnType<typeof readersOf>): void {
    const scalars = new Map(
      constants.filter(({ data }) => data.length === 1).map(({ value, data }) => [value.id, data]),
    );
    const given = new Set(outputs.map(({ value }) => value.id));
    for (const node of nodes) {
      const [output] = node.outputs as [Value];
      const [reader, ...others] = readers.get(output.id) ?? [];
      if (!isPlainProduct(node) || output.shape.length !== 4 || others.length > 0 || given.has(output.id)) continue;
      if (reader === undefined || reader.op !== 'Mul') continue;
      const factor = reader.inputs.find(({ id }) => scalars.has(id));
      if (factor === undefined) continue;
      this.#scalings.set(output.id, { node: reader, factor });
      this.#absorbed.add(reader);
    }
  }
}

/** Whether nothing reads a matrix but products, and what moves its rows. */
function isReadHalved({ id }: Value, readers: readonly Node[]): boolean {
  return readers.every(
    (node) => isPlainProduct(node) || (node.domain === '' && movers.has(node.op) && node.inputs[0]!.id === id),
  );
}

function castOf(from: Value, output: Value): Node {
  return { op: 'Cast', domain: '', inputs: [from], outputs: [output], attributes: { to: { type: output.type } } };
}
