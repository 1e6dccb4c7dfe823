import { elementData, type GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/graph.js';
import { binary, select } from '../lowerings/elementwise.js';
import type { DropoutKeys, DropoutSite } from './keys.js';

/**
 * A dropout mask from its keys, element (r, c):
 *
 *   h = (rowAddend[r] + columnAddend[c]) · (rowFactor[r] + columnFactor[c])  mod 2³²
 *   mask = h < threshold ? 0 : 1 / (1 − rate)
 *
 * The factor is odd, so h is exactly as uniform as the addend: the rate is met to 2⁻³². Two sums, a product, a comparison and a choice are
 * five passes over the elements and integer operators that every execution provider has, so that cpu, cuda and webgpu draw the same
 * mask; a hash of the element's own index would take some ten passes and shifts, which WebGPU's provider lacks.
 */
export interface MaskShape {
  readonly threshold: number;
  readonly scale: number;
}

/** The h below which an element is dropped, as a signed number, and the factor of those kept. */
export function maskShape(rate: number): MaskShape {
  return { threshold: Math.round(rate * 2 ** 32) - 2 ** 31, scale: Math.fround(1 / (1 - rate)) };
}

/** The mask as graph nodes. Keys: rows as [R,1], columns as [C]; → float32 [R,C]. */
export function maskNodes(
  builder: GraphBuilder,
  keys: Readonly<Record<keyof DropoutKeys, Value>>,
  rate: number,
): Value {
  const { threshold, scale } = maskShape(rate);
  const addend = binary(builder, 'Add', keys.rowAddends, keys.columnAddends);
  const factor = binary(builder, 'Add', keys.rowFactors, keys.columnFactors);
  const hash = binary(builder, 'Mul', addend, factor);
  const dropped = binary(builder, 'Less', hash, builder.scalar('int32', threshold), 'bool');
  return select(
    builder,
    dropped,
    builder.scalar('float32', 0),
    builder.constant([], 'float32', elementData('float32', [scale])),
  );
}

/** The same mask in JavaScript, for eager targets and as the reference of the graph's. → float32 [rows·columns] */
export function maskValues({ rows, columns }: DropoutSite, keys: DropoutKeys, rate: number): Float32Array {
  const { threshold, scale } = maskShape(rate);
  const { rowAddends, rowFactors, columnAddends, columnFactors } = keys;
  const mask = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const factor = rowFactors[row]! + columnFactors[column]!;
      const hash = Math.imul(rowAddends[row]! + columnAddends[column]!, factor);
      mask[row * columns + column] = hash < threshold ? 0 : scale;
    }
  }
  return mask;
}
