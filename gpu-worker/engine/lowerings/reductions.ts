import type { ArgMaxAttrs, CumprodAttrs, CumsumAttrs, MaxAttrs, SumAttrs } from '@tensorflow/tfjs-core';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { binary } from './elementwise.js';
import { cast, type Lowering, lowering, normalizeAxes, normalizeAxis } from './lowering.js';
import { padded, sliced } from './shape.js';

/** Reduces over the given axes; null means all axes, and an empty list returns the input. */
export function reduce(
  builder: GraphBuilder,
  op: string,
  x: Value,
  axis: number | readonly number[] | null | undefined,
  keepDims: boolean,
): Value {
  const axes = normalizeAxes(axis, x.shape.length);
  if (axes.length === 0) return x;
  const shape = keepDims
    ? x.shape.map((dimension, index) => (axes.includes(index) ? 1 : dimension))
    : x.shape.filter((_, index) => !axes.includes(index));
  return builder.node(op, [x, builder.int64s(axes)], {
    shape,
    type: x.type,
    attributes: { keepdims: { int: keepDims ? 1 : 0 } },
  });
}

function reduction(kernel: string, op: string): Lowering {
  return lowering<SumAttrs>(kernel, (builder, { x }, { axis, keepDims }) =>
    reduce(builder, op, x!.type === 'bool' ? cast(builder, x!, 'int32') : x!, axis, keepDims),
  );
}

/** All and Any, computed as the smallest and the largest of 0 and 1. */
function logicalReduction(kernel: string, op: string): Lowering {
  return lowering<SumAttrs>(kernel, (builder, { x }, { axis, keepDims }) =>
    cast(builder, reduce(builder, op, cast(builder, x!, 'int32'), axis, keepDims), 'bool'),
  );
}

/** Of equal values, tfjs and ONNX both return the first. */
function positionOf(kernel: string): Lowering {
  return lowering<ArgMaxAttrs>(kernel, (builder, { x }, { axis }) => {
    const along = normalizeAxis(axis, x!.shape.length);
    const position = builder.node(kernel, [x!], {
      shape: x!.shape.filter((_, index) => index !== along),
      type: 'int64',
      attributes: { axis: { int: along }, keepdims: { int: 0 } },
    });
    return cast(builder, position, 'int32');
  });
}

/** Running products by doubling (Hillis and Steele 1986): ⌈log₂ n⌉ products of x with itself, shifted by 1, 2, 4, … */
function runningProduct(builder: GraphBuilder, x: Value, axis: number, exclusive: boolean, reverse: boolean): Value {
  const length = x.shape[axis]!;
  const shifted = (value: Value, by: number): Value => {
    const kept = sliced(builder, value, axis, reverse ? by : 0, length - by);
    return padded(builder, kept, axis, reverse ? 0 : by, reverse ? by : 0, 1);
  };
  let product = exclusive ? shifted(x, 1) : x;
  for (let by = 1; by < length; by *= 2) product = binary(builder, 'Mul', product, shifted(product, by));
  return product;
}

export const reductions: readonly Lowering[] = [
  reduction('Sum', 'ReduceSum'),
  lowering<MaxAttrs>('Max', (builder, { x }, { reductionIndices, keepDims }) =>
    reduce(builder, 'ReduceMax', x!, reductionIndices, keepDims),
  ),
  reduction('Min', 'ReduceMin'),
  reduction('Prod', 'ReduceProd'),
  // tfjs's mean of integers is a float.
  lowering<SumAttrs>('Mean', (builder, { x }, { axis, keepDims }) =>
    reduce(builder, 'ReduceMean', cast(builder, x!, 'float32'), axis, keepDims),
  ),
  logicalReduction('All', 'ReduceMin'),
  logicalReduction('Any', 'ReduceMax'),
  positionOf('ArgMax'),
  positionOf('ArgMin'),
  lowering<CumsumAttrs>('Cumsum', (builder, { x }, { axis, exclusive, reverse }) =>
    builder.node('CumSum', [x!, builder.scalar('int32', normalizeAxis(axis, x!.shape.length))], {
      shape: x!.shape,
      type: x!.type,
      attributes: { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } },
    }),
  ),
  lowering<CumprodAttrs>('Cumprod', (builder, { x }, { axis, exclusive, reverse }) =>
    runningProduct(builder, x!, normalizeAxis(axis, x!.shape.length), exclusive, reverse),
  ),
];
