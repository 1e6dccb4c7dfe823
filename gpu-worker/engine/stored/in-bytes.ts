import type { Attribute, Graph, Named, Node, Value } from '../graph/graph.js';
import type { Weight } from '../onnx/files.js';
import { greatestCode, type RowCodes, rowCodes, transposedCodes } from './row-codes.js';
import { isPlainProduct, NodeList, readersOf, readsTransposed, type StoredGraph } from './stored-graph.js';

/**
 * A graph whose matrices are stored as int8, with a float32 scale for each output of a product, or row of a table.
 *
 * A product rounds the rows that it reads as well, each by its own greatest magnitude, multiplies integers
 * (MatMulInteger, which sums in int32), and scales the sums. ONNX Runtime's own dynamic quantization has one scale for
 * all rows of a batch, so that a text's numbers depend on its neighbours, and one large token coarsens all others; a
 * scale for each row takes about a tenth more time (docs/experiments.md). Products without a stored matrix, attention's
 * among them, stay in float32.
 *
 * On processors of x86 with AVX2 but without VNNI, ONNX Runtime's native kernel adds pairs of products in 16 bits,
 * which may saturate; its WebAssembly does not.
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
  readonly scales: Value;
  /** Whether products read the codes as they are stored, [K,N]; else through a transposition of [N,K]. */
  readonly isForProducts: boolean;
}

/** A matrix of activations in rounded rows. */
interface RoundedRows {
  readonly codes: Value;
  /** [M,1] */
  readonly scales: Value;
}

/** The code of 0 in rounded rows, which are uint8: kernels for uint8 · int8 are the fastest everywhere. */
const zeroPoint = 128;

class Rounding {
  readonly list: NodeList;
  readonly inputs: Named[] = [];
  readonly weights: Weight[] = [];
  readonly #coded = new Map<number, Coded>();
  readonly #rows = new Map<number, RoundedRows>();
  readonly #turned = new Map<number, Value>();

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
    const rows = list.node('Gather', [codes, indices], { shape: output.shape, type: 'int8' }, firstAxis);
    const ofRows = list.node('Gather', [scales, indices], { shape: indices.shape, type: 'float32' }, firstAxis);
    const last = list.constant([1], 'int64', [-1]);
    const column = list.node('Unsqueeze', [ofRows, last], { shape: [...indices.shape, 1], type: 'float32' });
    const floats = list.node('Cast', [rows], { shape: output.shape, type: 'float32' }, toFloat32);
    list.nodes.push(product(floats, column, output));
  }

  #takeProduct({ inputs, outputs, attributes }: Node, { codes, scales, isForProducts }: Coded): void {
    const { list } = this;
    const [output] = outputs as [Value];
    const read = this.#roundedRows(inputs[0]!);
    const matrix = isForProducts ? codes : this.#transposed(codes);
    const zero = list.constant([], 'uint8', [zeroPoint]);
    const sums = list.node('MatMulInteger', [read.codes, matrix, zero], { shape: output.shape, type: 'int32' });
    const floats = list.node('Cast', [sums], { shape: output.shape, type: 'float32' }, toFloat32);
    const alpha = 'alpha' in attributes && 'float' in attributes.alpha! ? attributes.alpha.float : 1;
    const ofRows =
      alpha === 1 ? read.scales : list.node('Mul', [read.scales, list.constant([], 'float32', [alpha])], read.scales);
    const scaled = list.node('Mul', [floats, ofRows], output);
    list.nodes.push(product(scaled, scales, output));
  }

  #roundedRows(x: Value): RoundedRows {
    const known = this.#rows.get(x.id);
    if (known !== undefined) return known;
    const { list } = this;
    const column = { shape: [...x.shape.slice(0, -1), 1], type: 'float32' } as const;
    const last = list.constant([1], 'int64', [-1]);
    const greatest = list.node('ReduceMax', [list.node('Abs', [x], x), last], column);
    // Rows of zeros alone: 0 · 0 in place of 0 ÷ 0.
    const least = list.constant([], 'float32', [1e-30]);
    const scales = list.node(
      'Mul',
      [list.node('Max', [greatest, least], column), list.constant([], 'float32', [1 / greatestCode])],
      column,
    );
    const rounded = list.node('Round', [list.node('Div', [x, scales], x)], x);
    const shifted = list.node('Add', [rounded, list.constant([], 'float32', [zeroPoint])], x);
    const codes = list.node('Cast', [shifted], { shape: x.shape, type: 'uint8' }, { to: { type: 'uint8' } });
    const rows = { codes, scales };
    this.#rows.set(x.id, rows);
    return rows;
  }

  /** Runtimes transpose a constant once, when they load the file. */
  #transposed(codes: Value): Value {
    const known = this.#turned.get(codes.id);
    if (known !== undefined) return known;
    const turned = this.list.node(
      'Transpose',
      [codes],
      { shape: codes.shape.toReversed(), type: 'int8' },
      { perm: { ints: [1, 0] } },
    );
    this.#turned.set(codes.id, turned);
    return turned;
  }

  #store(value: Value, { name, shape, read }: Weight, { outputAxis, isTable }: Reading): void {
    const rows = shape[outputAxis]!;
    const isStoredTurned = !isTable && outputAxis === 0;
    const codes = this.list.value(isStoredTurned ? shape.toReversed() : shape, 'int8');
    const scales = this.list.value([rows], 'float32');
    this.#coded.set(value.id, { codes, scales, isForProducts: !isTable });
    // Files are written in the order of their weights: the scales come after the codes, and what both are of is let go.
    let both: RowCodes | null = null;
    const made = async (): Promise<RowCodes> => rowCodes((await read()) as Float32Array, rows, outputAxis === 1);
    const parts: readonly (Weight & { readonly value: Value })[] = [
      {
        value: codes,
        name: `${name}/codes`,
        shape: codes.shape,
        type: 'int8',
        read: async () => {
          both = await made();
          return isStoredTurned ? transposedCodes(both.codes, rows) : both.codes;
        },
      },
      {
        value: scales,
        name: `${name}/scales`,
        shape: scales.shape,
        type: 'float32',
        read: async () => {
          const { scales } = both ?? (await made());
          both = null;
          return scales;
        },
      },
    ];
    for (const { value: part, ...weight } of parts) {
      this.inputs.push({ name: weight.name, value: part });
      this.weights.push(weight);
    }
  }
}

interface Reading {
  /** The axis of the matrix that a product's outputs, or a table's rows, are along. */
  readonly outputAxis: 0 | 1;
  /** Whether rows are taken from it. */
  readonly isTable: boolean;
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
  return { outputAxis, isTable: readers.some((node) => isTakingRows(node, id)) };
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
