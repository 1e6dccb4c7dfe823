import type { ModelHead } from '../../src/protocol/heads.js';
import { headTensors } from '../heads/index.js';

/**
 * Attune's regression heads give standardized numbers, value = mean + scale · output; in every file that others read
 * they give numbers in the unit of the data. The weights of a linear head express that exactly: W x + b becomes
 * (scale · W) x + (scale · b + mean).
 */

/** Row k of a tensor becomes factors[k] · row + offsets[k]. */
export interface RowMap {
  readonly factors: readonly number[];
  readonly offsets: readonly number[];
}

/** By Attune's names of tensors. Tensors without an entry stay as they are. */
export type RowMaps = ReadonlyMap<string, RowMap>;

/** From Attune's tensors to a file's. */
export function toDataUnit(heads: readonly ModelHead[]): RowMaps {
  return mapsOf(heads, (mean, scale) => ({ factor: scale, offset: mean }));
}

/** From a file's tensors to Attune's. */
export function fromDataUnit(heads: readonly ModelHead[]): RowMaps {
  return mapsOf(heads, (mean, scale) => ({ factor: 1 / scale, offset: -mean / scale }));
}

function mapsOf(
  heads: readonly ModelHead[],
  bias: (mean: number, scale: number) => { readonly factor: number; readonly offset: number },
): RowMaps {
  const maps = new Map<string, RowMap>();
  for (const head of heads) {
    if (head.kind !== 'regression') continue;
    const { means, scales } = head;
    if (means.every((mean) => mean === 0) && scales.every((scale) => scale === 1)) continue;
    const rows = scales.map((scale, k) => bias(means[k] ?? 0, scale));
    const factors = rows.map(({ factor }) => factor);
    const names = headTensors(head.task);
    maps.set(names.weight, { factors, offsets: rows.map(() => 0) });
    maps.set(names.bias, { factors, offsets: rows.map(({ offset }) => offset) });
  }
  return maps;
}

/** Maps the rows of a tensor [K,…] that comes in pieces. @param map undefined: the rows stay as they are */
export async function* mapRows(
  pieces: AsyncIterable<Float32Array>,
  shape: readonly number[],
  map: RowMap | undefined,
): AsyncGenerator<Float32Array, void, void> {
  let start = 0;
  for await (const piece of pieces) {
    yield mapPiece(piece, start, shape, map);
    start += piece.length;
  }
}

/** Maps the rows of a tensor [K,…]. @param map undefined: the rows stay as they are */
export function mapTensor(values: Float32Array, shape: readonly number[], map: RowMap | undefined): Float32Array {
  return mapPiece(values, 0, shape, map);
}

/** @param start where in the tensor the piece begins */
function mapPiece(
  piece: Float32Array,
  start: number,
  [, ...rest]: readonly number[],
  map: RowMap | undefined,
): Float32Array {
  if (map === undefined) return piece;
  const rowLength = rest.reduce((all, size) => all * size, 1);
  return piece.map((value, i) => {
    const row = Math.floor((start + i) / rowLength);
    return value * map.factors[row]! + map.offsets[row]!;
  });
}
