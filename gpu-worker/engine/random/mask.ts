import { elementData, type GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { binary } from '../lowerings/elementwise.js';
import { cast } from '../lowerings/lowering.js';
import type { DropoutKeys, DropoutSite } from './keys.js';

/**
 * A dropout mask from its keys, element (r, c):
 *
 *   h = rowFactor[r] · columnKey[c] + rowAddend[r]  mod 2³²
 *   mask = h < threshold ? 0 : 1 / (1 − rate)
 *
 * Every row is an affine hash, with an odd factor, of the columns' keys (Dietzfelbinger 1996): h is exactly uniform, so
 * the rate is met to 2⁻³², and pairs of elements are independent. It takes five passes over the elements, and only
 * integer operators that every execution provider has, so that cpu, cuda and webgpu draw the same mask. A hash of the
 * element's own index takes twice as many passes, and shifts, which WebGPU's provider lacks. Without the addend, pairs
 * of rows were slightly correlated (variance 1.008 of that under independence).
 */
interface MaskNumbers {
  /** The h below which an element is dropped, as a signed number. */
  readonly threshold: number;
  /** The factor of kept elements. */
  readonly scale: number;
}

function maskNumbers(rate: number): MaskNumbers {
  return { threshold: Math.round(rate * 2 ** 32) - 2 ** 31, scale: Math.fround(1 / (1 - rate)) };
}

/** The mask as graph nodes. Keys: rows as [R,1], columns as [C]; → float32 [R,C]. */
export function maskNodes(
  builder: GraphBuilder,
  keys: Readonly<Record<keyof DropoutKeys, Value>>,
  rate: number,
): Value {
  const { threshold, scale } = maskNumbers(rate);
  const hash = binary(builder, 'Add', binary(builder, 'Mul', keys.rowFactors, keys.columnKeys), keys.rowAddends);
  const kept = binary(builder, 'GreaterOrEqual', hash, builder.scalar('int32', threshold), 'bool');
  // Takes half the time of ONNX Runtime's Where, and passes/absorb-scalars.ts moves the factor to a place where it
  // costs nothing.
  const factor = builder.constant([], 'float32', elementData('float32', [scale]));
  return binary(builder, 'Mul', cast(builder, kept, 'float32'), factor);
}

/** The same mask in JavaScript, for eager targets and as the reference for the graph. → float32 [rows·columns] */
export function maskValues({ rows, columns }: DropoutSite, keys: DropoutKeys, rate: number): Float32Array {
  const { threshold, scale } = maskNumbers(rate);
  const { rowFactors, rowAddends, columnKeys } = keys;
  const mask = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const hash = (Math.imul(rowFactors[row]!, columnKeys[column]!) + rowAddends[row]!) | 0;
      mask[row * columns + column] = hash < threshold ? 0 : scale;
    }
  }
  return mask;
}
