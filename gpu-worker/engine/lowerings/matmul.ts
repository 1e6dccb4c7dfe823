import type { BatchMatMulAttrs, EinsumAttrs } from '@tensorflow/tfjs-core';
import { backend_util } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.js';
import { broadcastShape, type Value } from '../graph/graph.js';
import { type Lowering, lowering } from './lowering.js';

/**
 * a [..,M,K] · b [..,K,N] → [..,M,N], where either operand may be stored transposed. It is an operator of Attune's own
 * until passes/matmul.ts chooses between ONNX's MatMul and ONNX Runtime's FusedMatMul.
 */
export function matMul(builder: GraphBuilder, a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  return builder.node('MatMul', [a, b], {
    shape: [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns],
    type: a.type,
    attributes: { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } },
    domain: 'attune',
  });
}

export const matmuls: readonly Lowering[] = [
  lowering<BatchMatMulAttrs>('BatchMatMul', (builder, { a, b }, { transposeA, transposeB }) =>
    matMul(builder, a!, b!, transposeA, transposeB),
  ),
  // tfjs has no gradient for Einsum, so only forward graphs have it.
  lowering<EinsumAttrs>('Einsum', (builder, inputs, { equation }) => {
    const operands = Object.values(inputs);
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
    const sizes = allDims.map((_, dimension) => {
      const operand = idDims.findIndex((dimensions) => dimensions.includes(dimension));
      return operands[operand]!.shape[idDims[operand]!.indexOf(dimension)]!;
    });
    const kept = allDims.length - summedDims.length;
    return builder.node('Einsum', operands, {
      shape: sizes.slice(0, kept),
      type: operands[0]!.type,
      attributes: { equation: { string: equation } },
    });
  }),
];
