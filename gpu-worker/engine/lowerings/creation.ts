import type { FillAttrs, LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import { elementData } from '../graph/builder.js';
import { type Lowering, lowering, unsupported } from './lowering.js';

export const creation: readonly Lowering[] = [
  lowering<FillAttrs>('Fill', (builder, _, { shape, value, dtype }) => {
    const type = dtype ?? 'float32';
    if ((type !== 'float32' && type !== 'int32' && type !== 'bool') || typeof value === 'string') {
      throw unsupported('Fill', `dtype ${type}`);
    }
    return builder.splat(shape, type, value);
  }),
  lowering('ZerosLike', (builder, { x }) => builder.splat(x!.shape, x!.type, 0)),
  lowering('OnesLike', (builder, { x }) => builder.splat(x!.shape, x!.type, 1)),
  // An operator instead of a constant, because the positions of a long text would exceed the limit on constants.
  lowering<RangeAttrs>('Range', (builder, _, { start, stop, step, dtype }) => {
    const length = Math.abs(Math.ceil((stop - start) / step));
    if (length === 0) throw unsupported('Range', 'an empty range');
    const bounds = [start, stop, step].map((bound) => builder.scalar(dtype, bound));
    return builder.node('Range', bounds, { shape: [length], type: dtype });
  }),
  lowering<LinSpaceAttrs>('LinSpace', (builder, _, { start, stop, num }) => {
    // Summed in float32 step by step, as tfjs does.
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    const values = new Float32Array(num).fill(start);
    for (let index = 1; index < num; index++) values[index] = values[index - 1]! + step;
    return builder.constant([num], 'float32', elementData('float32', values));
  }),
];
