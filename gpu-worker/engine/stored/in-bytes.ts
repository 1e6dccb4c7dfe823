import type { Attribute, Graph, Named, Node, Value } from '../graph/graph.js';
import type { Weight } from '../onnx/files.js';
import { type RowCodes, rowCodes, transposedCodes, zeroCode } from './row-codes.js';
import { isPlainProduct, NodeList, readersOf, readsTransposed, type StoredGraph } from './stored-graph.js';

/**
 * A graph whose matrices are stored in bytes, with a float32 scale for each output of a product, or row of a table.
 *
 * A product rounds the rows that it reads as well, each to 255 steps of its own range, multiplies integers
 * (MatMulInteger, which sums in int32), and scales the sums. ONNX Runtime's own dynamic quantization has one range for
 * all rows of a batch, so that a text's numbers depend on its neighbours, and one large token coarsens all others; a
 * range for each row takes hardly more time in WebAssembly, and a third more at most in native code
 * (docs/experiments.md). Products without a stored matrix, attention's among them, stay in float32.
 *
 * Both factors are uint8, the matrix with a zero point of 128. Of uint8 and int8 the sums would be wrong on processors
 * of x86 with AVX2 but without VNNI: there ONNX Runtime's native kernel adds pairs of such products in 16 bits, and
 * saturates.
 *
 * @param kept names of matrices that stay in float32
 */
export function inBytes(graph: Graph, weights: readonly Weight[], kept: ReadonlySet<string>): StoredGraph {
  const rounding = new Rounding(graph, weights, kept);
  for (const node of graph.nodes) rounding.take(node);
  const { nodes, constants } = rounding.list;
  return {
    graph: { inputs: rounding.inputs, constants, nodes, outputs: graph.outputs },
    weights: rounding.weights,
    original: (value) => value,
  };
}

/** A matrix that is stored as codes. */
interface Coded {
  readonly codes: Value;
  /** [N] */
  readonly scales: Value;
  /** [N]: of each output's codes; undefined where no product reads the matrix. */
  readonly sums: Value | undefined;
  /** Whether products read the codes as they are stored, [K,N]; else through a transposition of [N,K]. */
  readonly isForProducts: boolean;
}

/** A matrix of activations in rounded rows. */
interface RoundedRows {
  readonly codes: Value;
  /** [M,1] */
  readonly scales: Value;
  /** [M,1]: the code of 0 in each row, a whole number as float32. */
  readonly zeroPoints: Value;
}

const greatestActivation = 255;

class Rounding {
  readonly list: NodeList;
  readonly inputs: Named[] = [];
  readonly weights: Weight[] = [];
  readonly #coded = new Map<number, Coded>();
  readonly #rows = new Map<number, RoundedRows>();
  readonly #turned = new Map<number, Value>();
  readonly #numbers = new Map<string, Value>();

  constructor(graph: Graph, weights: readonly Weight[], kept: ReadonlySet<string>) {
    this.list = new NodeList(graph);
    const readers = readersOf(graph);
    const byName = new Map(weights.map((weight) => [weight.name, weight]));
    for (const input of graph.inputs) {
      const weight = byName.get(input.name);
      const reading = weight === undefined ? null : readingOf(input.value, readers.get(input.value.id) ?? []);
      if (weight === undefined || reading === null || kept.has(input.name)) {
        this.inputs.push(input);
        if (weight !== undefined) this.weights.push(weight);
      } else this.#store(input.value, weight, reading);
    }
  }

  /** Takes over a node of the float32 graph. */
  take(node: Node): void {
    const coded = node.inputs.map(({ id }) => this.#coded.get(id)).find((found) => found !== undefined);
    if (coded === undefined) this.list.nodes.push(node);
    else if (node.op === 'Gather') this.#takeRows(node, coded);
    else this.#takeProduct(node, coded);
  }

  /** Rows of a table: codes and scales of the same rows, multiplied. */
  #takeRows({ inputs, outputs }: Node, { codes, scales }: Coded): void {
    const { list } = this;
    const [output] = outputs as [Value];
    const indices = inputs[1]!;
    const rows = list.node('Gather', [codes, indices], { shape: output.shape, type: 'uint8' }, firstAxis);
    const ofRows = list.node('Gather', [scales, indices], { shape: indices.shape, type: 'float32' }, firstAxis);
    const last = list.constant([1], 'int64', [-1]);
    const column = list.node('Unsqueeze', [ofRows, last], { shape: [...indices.shape, 1], type: 'float32' });
    const floats = list.node('Cast', [rows], { shape: output.shape, type: 'float32' }, toFloat32);
    const signed = list.node('Sub', [floats, this.#number(zeroCode)], floats);
    list.nodes.push(product(signed, column, output));
  }

  /**
   * Rows x ≈ (q − z) · s, with a zero point z and a scale s for each, times columns w · t give
   * (Σ q·w − z · Σ w) · s · t, where the sums Σ w of a column's codes are known.
   */
  #takeProduct({ inputs, outputs, attributes }: Node, { codes, scales, sums, isForProducts }: Coded): void {
    const { list } = this;
    const [output] = outputs as [Value];
    const read = this.#roundedRows(inputs[0]!);
    const matrix = isForProducts ? codes : this.#transposed(codes);
    const factors = [read.codes, matrix, this.#number(0, 'uint8'), this.#number(zeroCode, 'uint8')];
    const whole = list.node('MatMulInteger', factors, { shape: output.shape, type: 'int32' });
    const floats = list.node('Cast', [whole], output, toFloat32);
    const shift = list.node('Mul', [read.zeroPoints, sums!], output);
    const shifted = list.node('Sub', [floats, shift], output);
    const alpha = 'alpha' in attributes && 'float' in attributes.alpha! ? attributes.alpha.float : 1;
    const ofRows = alpha === 1 ? read.scales : list.node('Mul', [read.scales, this.#number(alpha)], read.scales);
    const scaled = list.node('Mul', [shifted, ofRows], output);
    list.nodes.push(product(scaled, scales, output));
  }

  #roundedRows(x: Value): RoundedRows {
    const known = this.#rows.get(x.id);
    if (known !== undefined) return known;
    const { list } = this;
    const column = { shape: [...x.shape.slice(0, -1), 1], type: 'float32' } as const;
    const last = list.constant([1], 'int64', [-1]);
    const zero = this.#number(0);
    const greatest = list.node('Max', [list.node('ReduceMax', [x, last], column), zero], column);
    const least = list.node('Min', [list.node('ReduceMin', [x, last], column), zero], column);
    const range = list.node('Sub', [greatest, least], column);
    // Rows of zeros alone: 0 · 0 in place of 0 ÷ 0.
    const positive = list.node('Max', [range, this.#number(1e-30)], column);
    const scales = list.node('Mul', [positive, this.#number(1 / greatestActivation)], column);
    const zeroPoints = list.node(
      'Round',
      [list.node('Div', [list.node('Neg', [least], column), scales], column)],
      column,
    );
    const rounded = list.node('Round', [list.node('Div', [x, scales], x)], x);
    const shifted = list.node('Add', [rounded, zeroPoints], x);
    const codes = list.node('Cast', [shifted], { shape: x.shape, type: 'uint8' }, { to: { type: 'uint8' } });
    const rows = { codes, scales, zeroPoints };
    this.#rows.set(x.id, rows);
    return rows;
  }

  /** One constant, however often it is read. */
  #number(value: number, type: 'float32' | 'uint8' = 'float32'): Value {
    const key = `${type} ${value}`;
    const made = this.#numbers.get(key) ?? this.list.constant([], type, [value]);
    this.#numbers.set(key, made);
    return made;
  }

  /** Runtimes transpose a constant once, when they load the file. */
  #transposed(codes: Value): Value {
    const known = this.#turned.get(codes.id);
    if (known !== undefined) return known;
    const turned = this.list.node(
      'Transpose',
      [codes],
      { shape: codes.shape.toReversed(), type: 'uint8' },
      { perm: { ints: [1, 0] } },
    );
    this.#turned.set(codes.id, turned);
    return turned;
  }

  #store(value: Value, weight: Weight, { outputAxis, isTable, isFactor }: Reading): void {
    const { name, shape, read } = weight;
    const rows = shape[outputAxis]!;
    const isStoredTurned = !isTable && outputAxis === 0;
    // Files are written in the order of their weights: what the parts of a matrix are made of is let go after the last.
    let made: RowCodes | null = null;
    const parts: Part[] = [
      {
        part: 'codes',
        shape: isStoredTurned ? shape.toReversed() : shape,
        type: 'uint8',
        of: ({ codes }) => (isStoredTurned ? transposedCodes(codes, rows) : codes),
      },
      ...(isFactor
        ? [{ part: 'sums', shape: [rows], type: 'float32', of: ({ sums }: RowCodes) => sums } as const]
        : []),
      { part: 'scales', shape: [rows], type: 'float32', of: ({ scales }) => scales },
    ];
    const values = parts.map(({ part, shape, type, of }) => {
      const value = this.list.value(shape, type);
      this.inputs.push({ name: `${name}/${part}`, value });
      this.weights.push({
        name: `${name}/${part}`,
        shape,
        type,
        read: async () => {
          made ??= rowCodes((await read()) as Float32Array, rows, outputAxis === 1);
          const data = of(made);
          if (part === 'scales') made = null;
          return data;
        },
      });
      return [part, value] as const;
    });
    const { codes, scales, sums } = Object.fromEntries(values) as Record<Part['part'], Value>;
    this.#coded.set(value.id, { codes, scales, sums, isForProducts: !isTable });
  }
}

/** A tensor that a matrix is stored as. */
interface Part {
  readonly part: 'codes' | 'sums' | 'scales';
  readonly shape: readonly number[];
  readonly type: 'uint8' | 'float32';
  of(made: RowCodes): Uint8Array | Float32Array;
}

interface Reading {
  /** The axis of the matrix that a product's outputs, or a table's rows, are along. */
  readonly outputAxis: 0 | 1;
  /** Whether rows are taken from it. */
  readonly isTable: boolean;
  /** Whether products read it. */
  readonly isFactor: boolean;
}

/** How a matrix is read; null where it cannot be stored as codes: all readers must agree on the axis of its scales. */
function readingOf({ id, shape }: Value, readers: readonly Node[]): Reading | null {
  if (shape.length !== 2 || readers.length === 0) return null;
  const axes = readers.map((node) => {
    if (isPlainProduct(node) && node.inputs.length === 2 && node.inputs[1]!.id === id && node.inputs[0]!.id !== id)
      return readsTransposed(node) ? 0 : 1;
    return isTakingRows(node, id) ? 0 : null;
  });
  const [outputAxis] = axes;
  if (outputAxis == null || axes.some((axis) => axis !== outputAxis)) return null;
  const isTable = readers.some((node) => isTakingRows(node, id));
  return { outputAxis, isTable, isFactor: readers.some((node) => !isTakingRows(node, id)) };
}

function isTakingRows({ op, domain, inputs, attributes }: Node, id: number): boolean {
  const axis = attributes.axis !== undefined && 'int' in attributes.axis ? attributes.axis.int : 0;
  return domain === '' && op === 'Gather' && inputs[0]!.id === id && axis === 0;
}

const firstAxis: Readonly<Record<string, Attribute>> = { axis: { int: 0 } };
const toFloat32: Readonly<Record<string, Attribute>> = { to: { type: 'float32' } };

function product(a: Value, b: Value, output: Value): Node {
  return { op: 'Mul', domain: '', inputs: [a, b], outputs: [output], attributes: {} };
}
