import { float32ToFloat16 } from '../../../src/storage/half-precision.js';
import type { Attribute, Constant, Domain, ElementData, ElementType, Graph, Named, Node, Value } from './graph.js';
import { sizeOf } from './graph.js';

/** The properties of a node, beside its inputs. */
export interface NodeSpec {
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: Domain;
}

/** Collects one graph. Constants of equal type, shape and bytes are one value. */
export class GraphBuilder {
  readonly #inputs: Named[] = [];
  readonly #constants: Constant[] = [];
  readonly #nodes: Node[] = [];
  readonly #constantByKey = new Map<string, Value>();
  readonly #constantById = new Map<number, Constant>();
  readonly #producerById = new Map<number, Node>();
  #nextId = 0;

  input(name: string, shape: readonly number[], type: ElementType): Value {
    const value = this.#value(shape, type);
    this.#inputs.push({ name, value });
    return value;
  }

  constant(shape: readonly number[], type: ElementType, data: ElementData): Value {
    const key = `${type}[${shape}]${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;
    const known = this.#constantByKey.get(key);
    if (known !== undefined) return known;
    const value = this.#value(shape, type);
    const constant = { value, data };
    this.#constants.push(constant);
    this.#constantById.set(value.id, constant);
    this.#constantByKey.set(key, value);
    return value;
  }

  scalar(type: ElementType, value: number): Value {
    return this.constant([], type, elementData(type, [value]));
  }

  /** int64 constants, which ONNX uses for shapes, axes and bounds. */
  int64s(values: readonly number[]): Value {
    return this.constant([values.length], 'int64', elementData('int64', values));
  }

  /**
   * A tensor of one repeated number: a scalar and an Expand, which broadcasting operators then absorb
   * (passes/broadcast.ts).
   */
  splat(shape: readonly number[], type: ElementType, value: number): Value {
    const scalar = this.scalar(type, value);
    return shape.length === 0 ? scalar : this.node('Expand', [scalar, this.int64s(shape)], { shape, type });
  }

  node(op: string, inputs: readonly Value[], spec: NodeSpec): Value {
    return this.nodeOf(op, inputs, [spec], spec)[0]!;
  }

  /** A node with several outputs. */
  nodeOf(
    op: string,
    inputs: readonly Value[],
    outputs: readonly { readonly shape: readonly number[]; readonly type: ElementType }[],
    { attributes = {}, domain = '' }: Pick<NodeSpec, 'attributes' | 'domain'> = {},
  ): readonly Value[] {
    const values = outputs.map(({ shape, type }) => this.#value(shape, type));
    this.#push({ op, domain, inputs, outputs: values, attributes });
    return values;
  }

  /** The constant that a value is, or undefined if the value is not a constant. */
  constantOf(value: Value): Constant | undefined {
    return this.#constantById.get(value.id);
  }

  producerOf(value: Value): Node | undefined {
    return this.#producerById.get(value.id);
  }

  finish(outputs: readonly Named[]): Graph {
    return { inputs: this.#inputs, constants: this.#constants, nodes: this.#nodes, outputs };
  }

  #value(shape: readonly number[], type: ElementType): Value {
    return { id: this.#nextId++, shape, type };
  }

  #push(node: Node): void {
    this.#nodes.push(node);
    for (const output of node.outputs) this.#producerById.set(output.id, node);
  }
}

export function elementData(type: ElementType, values: ArrayLike<number>): ElementData {
  switch (type) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'float16':
      return new Uint16Array(float32ToFloat16(Float32Array.from(values)).buffer as ArrayBuffer);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(Array.from(values, (value) => BigInt(value)));
    case 'uint8':
      return Uint8Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    default:
      return type satisfies never;
  }
}

/**
 * The number that a constant repeats; undefined if the value is not a constant, or the constant holds several numbers.
 */
export function uniformNumber(builder: GraphBuilder, value: Value): number | undefined {
  const constant = builder.constantOf(value);
  if (constant !== undefined) {
    const first = constant.data[0];
    if (first === undefined || sizeOf(value.shape) > 64) return undefined;
    return constant.data.every((element) => Object.is(element, first)) ? Number(first) : undefined;
  }
  const producer = builder.producerOf(value);
  return producer?.op === 'Expand' ? uniformNumber(builder, producer.inputs[0]!) : undefined;
}
