import { type GraphBuilder, uniformNumber } from '../graph/builder.js';
import { type Graph, type Node, sameShape, type Value } from '../graph/graph.js';
import { rewrite } from '../graph/rewrite.js';
import { eliminateDeadNodes } from './dead-nodes.js';

/**
 * Replaces the written-out forms of nn/layer-norm.ts and nn/gelu.ts by ONNX's own LayerNormalization and Gelu: one pass
 * instead of nine, and of five. Only for graphs without a backward pass, which would need the values inside: with one,
 * the replacement does not pay (docs/experiments.md).
 */
export function fuseForwardOperators(graph: Graph): Graph {
  return eliminateDeadNodes(
    rewrite(graph, (node, builder) => {
      const fused = layerNormalization(node, builder) ?? gelu(node, builder);
      return fused === undefined ? undefined : [fused];
    }),
  );
}

/**
 * Replaces the written-out forms of nn/gelu-tanh.ts and nn/rms-norm.ts by ONNX's Gelu by tanh and ONNX Runtime's
 * SimplifiedLayerNormalization: one pass instead of eight, and of six. Only for graphs that no other runtime reads:
 * some know Gelu in its exact form alone, and no other has the norm.
 */
export function fuseRuntimeOperators(graph: Graph): Graph {
  return eliminateDeadNodes(
    rewrite(graph, (node, builder) => {
      const fused = tanhGelu(node, builder) ?? rmsNormalization(node, builder);
      return fused === undefined ? undefined : [fused];
    }),
  );
}

function tanhGelu(product: Node, builder: GraphBuilder): Value | undefined {
  const x = tanhGeluOf(product, builder);
  const attributes = { approximate: { string: 'tanh' } };
  return x && builder.node('Gelu', [x], { ...product.outputs[0]!, attributes });
}

/** x · 1/√(mean(x²) + ε) · gain over the last axis. */
function rmsNormalization(product: Node, builder: GraphBuilder): Value | undefined {
  const [normalized, gain] = made(product, 'Mul') ?? [];
  const [x, inverse] = from(normalized, 'Mul', builder) ?? [];
  const [root] = from(inverse, 'Reciprocal', builder) ?? [];
  const [shifted] = from(root, 'Sqrt', builder) ?? [];
  const [meanSquare, shift] = from(shifted, 'Add', builder) ?? [];
  const epsilon = shift && uniformNumber(builder, shift);
  const [square, other] = from(meanOf(meanSquare, builder), 'Mul', builder) ?? [];
  if (x === undefined || gain === undefined || epsilon === undefined) return undefined;
  if (square?.id !== x.id || other?.id !== x.id || !sameShape(gain.shape, [x.shape.at(-1)!])) return undefined;
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  return builder.node('SimplifiedLayerNormalization', [x, gain], { ...product.outputs[0]!, attributes });
}

/** The x of x · (1 + tanh u) · ½ with u = x · (c · x² + √(2/π)). */
function tanhGeluOf(product: Node, builder: GraphBuilder): Value | undefined {
  const [gated, half] = made(product, 'Mul') ?? [];
  const [x, gate] = from(gated, 'Mul', builder) ?? [];
  const [curve, one] = from(gate, 'Add', builder) ?? [];
  const [argument] = from(curve, 'Tanh', builder) ?? [];
  const [factor, inner] = from(argument, 'Mul', builder) ?? [];
  const [cubic, slope] = from(inner, 'Add', builder) ?? [];
  const [square, part] = from(cubic, 'Mul', builder) ?? [];
  const [left, right] = from(square, 'Mul', builder) ?? [];
  if (x === undefined || [factor, left, right].some((value) => value?.id !== x.id)) return undefined;
  const constants = [half, one, slope, part].map((value) => value && uniformNumber(builder, value));
  const root = Math.sqrt(2 / Math.PI);
  const expected = [0.5, 1, Math.fround(root), Math.fround(root * 0.044715)];
  return constants.every((constant, index) => constant === expected[index]) ? x : undefined;
}

/** c · 1/√(mean(c²) + ε) · gain + bias with c = x − mean(x), all over the last axis. */
function layerNormalization(sum: Node, builder: GraphBuilder): Value | undefined {
  const [scaled, bias] = made(sum, 'Add') ?? [];
  const [normalized, gain] = from(scaled, 'Mul', builder) ?? [];
  const [centred, inverseDeviation] = from(normalized, 'Mul', builder) ?? [];
  const [x, mean] = from(centred, 'Sub', builder) ?? [];
  const [deviation] = from(inverseDeviation, 'Reciprocal', builder) ?? [];
  const [shifted] = from(deviation, 'Sqrt', builder) ?? [];
  const [variance, shift] = from(shifted, 'Add', builder) ?? [];
  const epsilon = shift && uniformNumber(builder, shift);
  const [square, other] = from(meanOf(variance, builder), 'Mul', builder) ?? [];
  if (x === undefined || gain === undefined || bias === undefined || epsilon === undefined) return undefined;
  if (meanOf(mean, builder)?.id !== x.id || square?.id !== centred?.id || other?.id !== centred?.id) return undefined;
  const width = [x.shape.at(-1)!];
  if (!sameShape(gain.shape, width) || !sameShape(bias.shape, width)) return undefined;
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
  return builder.node('LayerNormalization', [x, gain, bias], { ...sum.outputs[0]!, attributes });
}

/** √½ · t · (1 + erf t) with t = √½ · x. */
function gelu(product: Node, builder: GraphBuilder): Value | undefined {
  const gated = timesRootOfHalf(made(product, 'Mul'), builder);
  const [t, gate] = from(gated, 'Mul', builder) ?? [];
  const [curve, one] = from(gate, 'Add', builder) ?? [];
  const [argument] = from(curve, 'Erf', builder) ?? [];
  const x = timesRootOfHalf(from(t, 'Mul', builder), builder);
  if (x === undefined || one === undefined || uniformNumber(builder, one) !== 1 || argument?.id !== t?.id)
    return undefined;
  return builder.node('Gelu', [x], product.outputs[0]!);
}

/** The other factor of a product by √½. */
function timesRootOfHalf(factors: readonly Value[] | undefined, builder: GraphBuilder): Value | undefined {
  const [x, factor] = factors ?? [];
  return factor !== undefined && uniformNumber(builder, factor) === Math.fround(Math.SQRT1_2) ? x : undefined;
}

/** The tensor whose mean over the last axis (kept as 1) the value is. */
function meanOf(value: Value | undefined, builder: GraphBuilder): Value | undefined {
  const [x, axes] = from(value, 'ReduceMean', builder) ?? [];
  if (x === undefined || axes === undefined || value?.shape.length !== x.shape.length) return undefined;
  const reduced = Array.from(builder.constantOf(axes)?.data ?? [], Number);
  return reduced.length === 1 && reduced[0] === x.shape.length - 1 ? x : undefined;
}

/** The operands of the operator that made a value, if it is the given operator. */
function from(value: Value | undefined, op: string, builder: GraphBuilder): readonly Value[] | undefined {
  const producer = value && builder.producerOf(value);
  return producer && made(producer, op);
}

function made(node: Node, op: string): readonly Value[] | undefined {
  return node.domain === '' && node.op === op ? node.inputs : undefined;
}
