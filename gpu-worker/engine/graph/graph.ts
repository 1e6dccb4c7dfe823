/**
 * The element types that a value inside a graph may have. tfjs has float32, int32 and bool; the others appear where an
 * ONNX operator needs them.
 */
export type ElementType = 'float32' | 'float64' | 'float16' | 'int32' | 'int64' | 'uint8' | 'bool';

export type ElementData = Float32Array | Float64Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor of the graph, with a static shape. Its identity is `id`; the object itself may be copied. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

export type Attribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly type: ElementType };

/**
 * Operator sets: ONNX's own, ONNX Runtime's contributions, and Attune's (`attune`), which a pass replaces before
 * writing.
 */
export type Domain = '' | 'com.microsoft' | 'attune';

export interface Node {
  readonly op: string;
  readonly domain: Domain;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  readonly value: Value;
  readonly data: ElementData;
}

export interface Named {
  readonly name: string;
  readonly value: Value;
}

/** A dataflow graph in single-assignment form. `nodes` is in an order in which it can be executed. */
export interface Graph {
  readonly inputs: readonly Named[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Named[];
}

/** The least id that is greater than those of all values. */
export function firstFreeId({ inputs, constants, nodes }: Graph): number {
  const values = [...[...inputs, ...constants].map(({ value }) => value), ...nodes.flatMap(({ outputs }) => outputs)];
  return 1 + values.reduce((highest, { id }) => Math.max(highest, id), -1);
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** NumPy's broadcasting rule. tfjs rejects shapes that do not fit, before a lowering sees them. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return x === 1 ? y : x;
  });
}
