import { createRandom, shuffle } from './random.js';
import type { TokenRows, TokenSequences } from './token-sequences.js';

/** Keeps the random numbers of packing apart from those of the batch order. */
const packingStream = 0x7061636b;

/** Each sequence as a row of its own. */
export function oneSequenceARow(sequences: TokenSequences): TokenRows {
  const order = Array.from({ length: sequences.offsets.length - 1 }, (_, sequence) => [sequence]);
  return rowsOf(sequences, order, false);
}

/**
 * Packs sequences into rows of at most `capacity` tokens, by best fit: the longest first, each into the row with the
 * least room that has room enough (Johnson 1973). On texts of usual lengths, rows are filled to above 99 %. Sequences
 * of equal length come in an order that the seed decides. O(N log capacity).
 */
export function packSequences(sequences: TokenSequences, capacity: number, seed: number): TokenRows {
  const { offsets } = sequences;
  const lengthOf = (sequence: number) => offsets[sequence + 1]! - offsets[sequence]!;
  const shuffled = shuffle(
    Int32Array.from({ length: offsets.length - 1 }, (_, sequence) => sequence),
    createRandom(seed, packingStream),
  );
  const order = shuffled.sort((left, right) => lengthOf(right) - lengthOf(left));
  const rows: number[][] = [];
  const rooms = roomsOf(capacity);
  for (const sequence of order) {
    const length = lengthOf(sequence);
    if (length > capacity) throw new RangeError(`a sequence of ${length} tokens does not fit into ${capacity}`);
    const found = rooms.take(length);
    const row = found?.row ?? rows.push([]) - 1;
    rows[row]!.push(sequence);
    rooms.put((found?.room ?? capacity) - length, row);
  }
  return rowsOf(sequences, rows, true);
}

/** Rows by the room that they have left; a tree over the rooms finds the least that is enough. */
function roomsOf(capacity: number) {
  const size = 2 ** (32 - Math.clz32(capacity));
  const rows: number[][] = Array.from({ length: size }, () => []);
  // counts[size + room] rows have that room; every other node is the sum of its two children.
  const counts = new Int32Array(2 * size);
  const change = (room: number, by: number) => {
    for (let node = size + room; node >= 1; node >>= 1) counts[node]! += by;
  };
  return {
    put(room: number, row: number): void {
      rows[room]!.push(row);
      change(room, 1);
    },
    take(least: number): { readonly row: number; readonly room: number } | undefined {
      let node = size + least;
      if (counts[node] === 0) {
        // Up to the first node whose right neighbour has rows, then down to its leftmost.
        while (node > 1 && (node % 2 === 1 || counts[node + 1] === 0)) node >>= 1;
        if (node <= 1) return undefined;
        node += 1;
        while (node < size) node = counts[2 * node]! > 0 ? 2 * node : 2 * node + 1;
      }
      const room = node - size;
      change(room, -1);
      return { row: rows[room]!.pop()!, room };
    },
  };
}

function rowsOf(sequences: TokenSequences, order: readonly (readonly number[])[], isPacked: boolean): TokenRows {
  const { ids, isTarget, offsets } = sequences;
  const packed = {
    ids: new Int32Array(ids.length),
    isTarget: new Uint8Array(ids.length),
    labels: null,
    segments: isPacked ? new Int32Array(ids.length) : null,
    offsets: new Int32Array(order.length + 1),
    lengths: new Int32Array(order.length),
    targetCounts: new Int32Array(order.length),
  };
  let end = 0;
  for (const [row, held] of order.entries()) {
    for (const [index, sequence] of held.entries()) {
      const [from, to] = [offsets[sequence]!, offsets[sequence + 1]!];
      packed.ids.set(ids.subarray(from, to), end);
      packed.isTarget.set(isTarget.subarray(from, to), end);
      packed.segments?.fill(index + 1, end, end + to - from);
      for (let token = from; token < to; token++) packed.targetCounts[row]! += isTarget[token]!;
      end += to - from;
    }
    packed.offsets[row + 1] = end;
    packed.lengths[row] = end - packed.offsets[row]!;
  }
  return packed;
}
