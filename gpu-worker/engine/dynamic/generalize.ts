import { EngineError } from '../errors.js';
import { GraphBuilder } from '../graph/builder.js';
import type { Constant, ElementData, ElementType, Graph, Node, Value } from '../graph/graph.js';
import { DimensionArithmetic } from './dimension-arithmetic.js';
import { evaluate, interpolate, type Polynomial, type Sizes } from './polynomial.js';

interface FileInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** Traces of one function at several sizes. */
export interface Traces {
  /** The dynamic dimensions, in the order of the polynomials' bits. */
  readonly dimensions: readonly Sizes[];
  /** The graph at every combination of low and high sizes: see `interpolate`. */
  readonly corners: readonly Graph[];
  /** The graph at other sizes, which the result from the corners must reproduce. */
  readonly check: { readonly graph: Graph; readonly sizes: readonly number[] };
  /** Every input that the result must have, even if nothing reads it. */
  readonly inputs: readonly FileInput[];
  /** For each dimension, the input and axis where the graph finds its size. */
  readonly origins: readonly { readonly input: string; readonly axis: number }[];
}

/**
 * Makes one graph for all sizes from graphs of several sizes. These must agree node by node and differ only in
 * integers, which are shapes and bounds: each such integer becomes a computation from the inputs' shapes.
 *
 * @throws EngineError INVALID_FUNCTION when the graphs differ otherwise: then the function is not the same at every
 * size
 */
export function generalize({ dimensions, corners, check, inputs, origins }: Traces): {
  readonly graph: Graph;
  /**
   * The sizes of inputs and of nodes' outputs, by value. A value whose sizes are not linear in each dimension is left
   * out.
   */
  readonly sizes: ReadonlyMap<number, readonly Polynomial[]>;
} {
  const pattern = corners[0]!;
  const all = [...corners, check.graph].map(indexed);
  const reference = all[0]!;
  if (all.some((graph) => graph.signature !== reference.signature)) throw notGeneral('its operations differ');

  const builder = new GraphBuilder();
  const declared = new Map(inputs.map(({ name, shape, type }) => [name, builder.input(name, shape, type)]));
  const replaced = new Map<number, Value>();
  for (const { name, value } of pattern.inputs) {
    replaced.set(value.id, declared.get(name) ?? builder.input(name, value.shape, value.type));
  }
  const arithmetic = new DimensionArithmetic(
    builder,
    origins.map(({ input, axis }) => ({ value: declared.get(input)!, axis })),
  );

  const derived = (values: readonly number[]): Polynomial | undefined => {
    const polynomial = interpolate(values.slice(0, corners.length), dimensions);
    const whole = polynomial.every(Number.isInteger);
    return whole && evaluate(polynomial, check.sizes) === values.at(-1) ? polynomial : undefined;
  };
  const integer = (values: readonly number[]): Polynomial => {
    const polynomial = derived(values);
    if (polynomial !== undefined) return polynomial;
    throw notGeneral(`a size or a bound is ${values.join(', ')}, which is not linear in each`);
  };
  const constant = (versions: readonly Constant[]): Value => {
    const { value, data } = versions[0]!;
    if (versions.every((version) => equalData(version, versions[0]!)))
      return builder.constant(value.shape, value.type, data);
    const integers = value.type === 'int64' || value.type === 'int32';
    if (!integers || value.shape.length > 1 || versions.some((version) => version.data.length !== data.length)) {
      throw notGeneral(`a constant ${value.type} [${value.shape}] depends on the size`);
    }
    const elements = Array.from({ length: data.length }, (_, index) =>
      integer(versions.map((version) => Number(version.data[index]))),
    );
    return arithmetic.vector(elements, value.shape, value.type);
  };

  const sizes = new Map<number, readonly Polynomial[]>();
  const noteSizes = (value: Value, versions: readonly Value[]): void => {
    const polynomials = value.shape.map((_, axis) => derived(versions.map(({ shape }) => shape[axis]!)));
    if (polynomials.every((polynomial) => polynomial !== undefined)) sizes.set(value.id, polynomials);
  };
  pattern.inputs.forEach(({ name, value }) => {
    noteSizes(
      replaced.get(value.id)!,
      all.map((graph) => graph.inputs.get(name)!),
    );
  });
  pattern.nodes.forEach((node, index) => {
    const operands = node.inputs.map((input, operand) => {
      const known = replaced.get(input.id);
      if (known !== undefined) return known;
      return constant(all.map((graph) => graph.constantAt(index, operand)));
    });
    const outputs = builder.nodeOf(node.op, operands, node.outputs, node);
    node.outputs.forEach((output, position) => {
      replaced.set(output.id, outputs[position]!);
      noteSizes(
        outputs[position]!,
        all.map(({ graph }) => graph.nodes[index]!.outputs[position]!),
      );
    });
  });

  const outputs = pattern.outputs.map(({ name, value }) => {
    const found = replaced.get(value.id);
    if (found === undefined) throw notGeneral(`the output ${name} is a constant`);
    return { name, value: found };
  });
  return { graph: builder.finish(outputs), sizes };
}

interface Indexed {
  readonly graph: Graph;
  /** Equal for graphs with the same operators on the same operands, whatever their shapes and constants' values. */
  readonly signature: string;
  readonly inputs: ReadonlyMap<string, Value>;
  constantAt(node: number, operand: number): Constant;
}

function indexed(graph: Graph): Indexed {
  const constants = new Map(graph.constants.map((constant) => [constant.value.id, constant]));
  const places = new Map<number, string>();
  graph.inputs.forEach(({ name, value }) => {
    places.set(value.id, name);
  });
  const placeOf = ({ id }: Value): string => places.get(id) ?? 'constant';
  const lines = graph.nodes.map((node: Node, index) => {
    const { domain, op, inputs, attributes, outputs } = node;
    const line = `${domain}.${op}(${inputs.map(placeOf)}) ${JSON.stringify(attributes)} ${outputs.map(({ type, shape }) => type + shape.length)}`;
    outputs.forEach(({ id }, position) => {
      places.set(id, `${index}.${position}`);
    });
    return line;
  });
  return {
    graph,
    inputs: new Map(graph.inputs.map(({ name, value }) => [name, value])),
    signature: [...lines, ...graph.outputs.map(({ name, value }) => `${name}=${placeOf(value)}`)].join('\n'),
    constantAt: (node, operand) => constants.get(graph.nodes[node]!.inputs[operand]!.id)!,
  };
}

function equalData(a: Constant, b: Constant): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: ElementData) => Buffer.from(buffer, byteOffset, byteLength);
  return a.value.shape.join() === b.value.shape.join() && bytes(a.data).equals(bytes(b.data));
}

function notGeneral(reason: string): EngineError {
  return new EngineError(
    'INVALID_FUNCTION',
    `The function is not the same for all sizes of its inputs: ${reason}. Give the inputs fixed sizes.`,
  );
}
