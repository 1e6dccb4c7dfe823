import { blockLength } from '../../../src/protocol/frozen-weights.js';
import { elementData } from '../graph/builder.js';
import {
  type Attribute,
  type Constant,
  type Domain,
  type ElementType,
  firstFreeId,
  type Graph,
  type Named,
  type Node,
  sizeOf,
  type Value,
} from '../graph/graph.js';
import type { HeldMatrix } from '../held/held-matrix.js';

/** The graph's name for a tensor that a held matrix is made of. */
export function partName(input: string, part: string): string {
  return `${input}/${part}`;
}

/**
 * Lets a graph read held matrices W [N,K] where it read float32 inputs before. As the last pass, it keeps the ids of
 * all values.
 *
 * - A product, such as x · Wᵀ and the gradient dy · W, reads W as float32 that is made right before and given up right
 *   after. So that a runtime, which may choose any order, does not make all matrices first, each waits for the
 *   product's other operand. Since the two of a forward and a backward pass wait for different ones, they are not
 *   merged into one that lives from the one to the other.
 * - Rows that are gathered from W of halves, and slices of it, become float32 afterwards.
 *
 * All of these give what the same graph gives with W as float32.
 *
 * @param heldAs the matrix behind a graph's input; undefined for inputs that are what they were
 */
export function readHeld(graph: Graph, heldAs: (input: string) => HeldMatrix | undefined): Graph {
  const held = new Map<number, { readonly input: string; readonly matrix: HeldMatrix }>();
  for (const { name, value } of graph.inputs) {
    const matrix = heldAs(name);
    if (matrix !== undefined) held.set(value.id, { input: name, matrix });
  }
  if (held.size === 0) return graph;
  const added = new Additions(graph);
  for (const node of graph.nodes) {
    if (!node.inputs.some(({ id }) => held.has(id))) {
      added.nodes.push(node);
      continue;
    }
    const inputs = node.inputs.map((input) => {
      const found = held.get(input.id);
      if (found === undefined) return input;
      return { parts: added.inputsOf(found.input, found.matrix), matrix: found.matrix };
    });
    const which = inputs.findIndex((input) => 'parts' in input);
    const read = inputs[which] as HeldRead;
    if (read.matrix.format === 'float16' && which === 0 && movers.has(node.op)) added.moveHalves(node, read);
    else {
      const other = products.has(node.op) ? node.inputs[1 - which] : undefined;
      const waitsFor = other !== undefined && !held.has(other.id) ? other : undefined;
      const expanded = inputs.map((input) => ('parts' in input ? added.expand(input, waitsFor) : input));
      added.nodes.push({ ...node, inputs: expanded });
    }
  }
  return {
    inputs: [...graph.inputs.filter(({ value }) => !held.has(value.id)), ...added.inputs],
    constants: [...graph.constants, ...added.constants],
    nodes: added.nodes,
    outputs: graph.outputs,
  };
}

const products: ReadonlySet<string> = new Set(['MatMul', 'FusedMatMul', 'Gemm']);

/** Operators that copy elements of their first operand and leave them as they are. */
const movers: ReadonlySet<string> = new Set(['Gather', 'Slice']);

interface HeldRead {
  readonly parts: Readonly<Record<string, Value>>;
  readonly matrix: HeldMatrix;
}

/** What the pass adds to a graph. */
class Additions {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly #parts = new Map<string, Readonly<Record<string, Value>>>();
  readonly #zeros = new Map<number, Value>();
  #nextId: number;

  constructor(graph: Graph) {
    this.#nextId = firstFreeId(graph);
  }

  get inputs(): Named[] {
    return [...this.#parts].flatMap(([input, parts]) =>
      Object.entries(parts).map(([part, value]) => ({ name: partName(input, part), value })),
    );
  }

  /** The inputs that a matrix is read from, by part. */
  inputsOf(input: string, { parts }: HeldMatrix): Readonly<Record<string, Value>> {
    const known = this.#parts.get(input);
    if (known !== undefined) return known;
    const values = Object.fromEntries(
      Object.entries(parts).map(([part, { shape, type }]) => [part, this.#value(shape, type)]),
    );
    this.#parts.set(input, values);
    return values;
  }

  /** Applies an operator that moves elements to halves, and makes its result float32. */
  moveHalves(node: Node, { parts }: HeldRead): void {
    const [output] = node.outputs as [Value];
    const moved = this.#value(output.shape, 'float16');
    this.nodes.push({ ...node, inputs: node.inputs.with(0, parts.halves!), outputs: [moved] });
    this.nodes.push(castTo(output, moved));
  }

  /** W as float32 [N,K], made when `waitsFor` is there. */
  expand({ parts, matrix }: HeldRead, waitsFor: Value | undefined): Value {
    const { shape, format } = matrix;
    switch (format) {
      case 'float16': {
        const expanded = this.#value(shape, 'float32');
        this.nodes.push(castTo(expanded, this.#reshapeAfter(waitsFor, parts.halves!, shape)));
        return expanded;
      }
      case 'int8':
        return this.#dequantize(this.#reshapeAfter(waitsFor, parts.codes!, shape), parts);
      case 'int4': {
        const pairs = sizeOf(shape) / 2;
        // Operators on bits are slow where the last axis is 1 (four times the time of all that is done here).
        const codes = this.#reshapeAfter(waitsFor, parts.codes!, [1, pairs]);
        const low = this.#node('BitwiseAnd', [codes, this.#constant([], 'uint8', [15])], [1, pairs], 'uint8');
        const high = this.#node('BitShift', [codes, this.#constant([], 'uint8', [4])], [1, pairs], 'uint8', {
          direction: { string: 'RIGHT' },
        });
        const apart = this.#node('Concat', [low, high], [2, pairs], 'uint8', { axis: { int: 0 } });
        const together = this.#node('Transpose', [apart], [pairs, 2], 'uint8', { perm: { ints: [1, 0] } });
        return this.#dequantize(this.#reshape(together, shape), parts);
      }
      default:
        return format satisfies never;
    }
  }

  #dequantize(codes: Value, { scales, zeroPoints }: HeldRead['parts']): Value {
    const attributes = { axis: { int: 1 }, block_size: { int: blockLength } };
    return this.#node('DequantizeLinear', [codes, scales!, zeroPoints!], codes.shape, 'float32', attributes);
  }

  /** A reshape, which copies nothing, to a shape that is computed from an element of another value, times 0. */
  #reshapeAfter(waitsFor: Value | undefined, value: Value, shape: readonly number[]): Value {
    if (waitsFor === undefined) return this.#reshape(value, shape);
    const target = this.#node('Add', [this.#zeroAfter(waitsFor), this.#int64s(shape)], [shape.length], 'int64');
    return this.#node('Reshape', [value, target], shape, value.type);
  }

  /** int64 [1] of 0. Through bool, because NaN and infinities are no integers. */
  #zeroAfter(waitsFor: Value): Value {
    const known = this.#zeros.get(waitsFor.id);
    if (known !== undefined) return known;
    const rank = waitsFor.shape.length;
    const ends = [this.#int64s(Array(rank).fill(0)), this.#int64s(Array(rank).fill(1))];
    const first = this.#node('Slice', [waitsFor, ...ends], Array(rank).fill(1), waitsFor.type);
    const truth = this.#node('Cast', [this.#reshape(first, [1])], [1], 'bool', { to: { type: 'bool' } });
    const number = this.#node('Cast', [truth], [1], 'int64', { to: { type: 'int64' } });
    const zero = this.#node('Mul', [number, this.#int64s([0])], [1], 'int64');
    this.#zeros.set(waitsFor.id, zero);
    return zero;
  }

  #reshape(value: Value, shape: readonly number[]): Value {
    return this.#node('Reshape', [value, this.#int64s(shape)], shape, value.type);
  }

  #int64s(values: readonly number[]): Value {
    return this.#constant([values.length], 'int64', values);
  }

  #constant(shape: readonly number[], type: ElementType, values: readonly number[]): Value {
    const value = this.#value(shape, type);
    this.constants.push({ value, data: elementData(type, values) });
    return value;
  }

  #node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    type: ElementType,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain: Domain = '',
  ): Value {
    const output = this.#value(shape, type);
    this.nodes.push({ op, domain, inputs, outputs: [output], attributes });
    return output;
  }

  #value(shape: readonly number[], type: ElementType): Value {
    return { id: this.#nextId++, shape, type };
  }
}

function castTo(output: Value, from: Value): Node {
  return { op: 'Cast', domain: '', inputs: [from], outputs: [output], attributes: { to: { type: output.type } } };
}
