import { type KeptSizes, keptNames } from '../architectures/cached-decoder.js';
import type { Feeds } from '../engine/types.js';

/** Slots come in pieces of so many: what a step reads beyond the longest text stays small beside the weights. */
const usualPiece = 128;

/**
 * Keys and values of texts' tokens, a row for each text, in arrays that graphs read in place: for each head C
 * slots of D numbers; slots beyond a text's length hold nothing of use.
 */
export interface KeyValueCache {
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** C */
  readonly slots: number;
  /** Makes place for so many rows, and for so many tokens in each. */
  reserve(rows: number, tokens: number): void;
  /** Adds an empty row. */
  addRow(): void;
  /** Takes a row away; the last one takes its place. */
  removeRow(row: number): void;
  /** Adds a row that is a copy of one of another cache. */
  copyRow(from: KeyValueCache, row: number): void;
  /** The first `rows` rows as inputs of `continueTexts`: views. */
  feeds(rows: number): Feeds;
  /**
   * Appends the keys and values of new tokens to the first rows, which have place for them.
   *
   * @param counts of new tokens in each row, at most T of the outputs
   */
  append(outputs: Readonly<Record<string, Float32Array | Int32Array>>, counts: readonly number[]): void;
  /** Keys and values of a layer. */
  layer(layer: number): LayerArrays;
  /** Bytes that it takes. */
  readonly bytes: number;
}

/** [rows,K,C,D] both. */
interface LayerArrays {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

/** Bytes that a token takes. */
export function bytesOfToken({ layers, heads, headSize }: KeptSizes): number {
  return 2 * layers * heads * headSize * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * @param mostSlots tokens of the longest text
 * @param slotsTogether slots come in pieces of so many
 */
export function createKeyValueCache(sizes: KeptSizes, mostSlots: number, slotsTogether = usualPiece): KeyValueCache {
  const { layers, heads: K, headSize: D } = sizes;
  const lengths: number[] = [];
  let [rows, slots] = [0, 0];
  let kept: LayerArrays[] = Array.from({ length: layers }, () => ({
    keys: new Float32Array(0),
    values: new Float32Array(0),
  }));

  /** Moves everything into arrays of another size. */
  function resize(newRows: number, newSlots: number): void {
    kept = kept.map((old) => {
      const size = newRows * K * D * newSlots;
      const made = { keys: new Float32Array(size), values: new Float32Array(size) };
      for (const [row, length] of lengths.entries()) {
        if (length === 0) continue;
        copy(old, slots, row, made, newSlots, row, length);
      }
      return made;
    });
    [rows, slots] = [newRows, newSlots];
  }

  /** Copies the first `length` tokens of a row. */
  function copy(
    from: LayerArrays,
    fromSlots: number,
    fromRow: number,
    to: LayerArrays,
    toSlots: number,
    toRow: number,
    length: number,
  ): void {
    for (let head = 0; head < K; head++) {
      const start = (fromRow * K + head) * fromSlots * D;
      const target = (toRow * K + head) * toSlots * D;
      to.keys.set(from.keys.subarray(start, start + length * D), target);
      to.values.set(from.values.subarray(start, start + length * D), target);
    }
  }

  function reserve(newRows: number, tokens: number): void {
    if (newRows <= rows && tokens <= slots) return;
    const inPieces = Math.min(Math.ceil(tokens / slotsTogether) * slotsTogether, mostSlots);
    resize(Math.max(rows, newRows), Math.max(slots, tokens, inPieces));
  }

  return {
    lengths,
    get slots() {
      return slots;
    },
    reserve,
    addRow() {
      reserve(lengths.length + 1, 0);
      lengths.push(0);
    },
    removeRow(row) {
      const last = lengths.length - 1;
      if (row !== last) for (const arrays of kept) copy(arrays, slots, last, arrays, slots, row, lengths[last]!);
      lengths[row] = lengths[last]!;
      lengths.pop();
    },
    copyRow(from, row) {
      const length = from.lengths[row]!;
      const to = lengths.length;
      reserve(to + 1, length);
      for (const [layer, arrays] of kept.entries()) copy(from.layer(layer), from.slots, row, arrays, slots, to, length);
      lengths.push(length);
    },
    feeds(count) {
      const size = count * K * D * slots;
      return Object.fromEntries(
        kept.flatMap(({ keys, values }, layer) => [
          [keptNames.pastKeys(layer), keys.subarray(0, size)],
          [keptNames.pastValues(layer), values.subarray(0, size)],
        ]),
      );
    },
    append(outputs, counts) {
      for (const [layer, { keys, values }] of kept.entries()) {
        const newKeys = outputs[keptNames.keys(layer)] as Float32Array; //     [B,K,T,D]
        const newValues = outputs[keptNames.values(layer)] as Float32Array; // [B,K,T,D]
        const T = newKeys.length / (counts.length * K * D);
        for (const [row, count] of counts.entries()) {
          for (let head = row * K; head < (row + 1) * K; head++) {
            const start = head * T * D;
            const target = (head * slots + lengths[row]!) * D;
            move(newKeys, start, keys, target, count * D);
            move(newValues, start, values, target, count * D);
          }
        }
      }
      for (const [row, count] of counts.entries()) lengths[row]! += count;
    },
    layer: (layer) => kept[layer]!,
    get bytes() {
      return rows * slots * bytesOfToken(sizes);
    },
  };
}

/** Fewer numbers than this are moved one by one: a view of an array takes as long to make. */
const fewNumbers = 256;

function move(from: Float32Array, start: number, to: Float32Array, target: number, count: number): void {
  if (count > fewNumbers) to.set(from.subarray(start, start + count), target);
  else for (let i = 0; i < count; i++) to[target + i] = from[start + i]!;
}
