import type { TokenRows } from '../data/token-sequences.js';

/**
 * Of rows of tokens, the places whose logits are compared. Logits of all would take gigabytes for large vocabularies.
 */
export interface PickedPlaces {
  /** Places of each row, K. A row with fewer targets repeats its last. */
  readonly perRow: number;
  /** [R·K] the place in its row of the state that a target is predicted from. */
  readonly places: Int32Array;
  /** [R·K] the token that is to be predicted. */
  readonly targets: Int32Array;
  /** [R] how many places of a row are no repetition. */
  readonly counts: Int32Array;
}

/** Logits that are compared together: 64 MiB of them. */
const mostLogits = 2 ** 24;
const mostPerRow = 16;

/** Picks targets of each row, evenly spread over it. */
export function pickPlaces(rows: TokenRows, vocabularySize: number): PickedPlaces {
  const R = rows.lengths.length;
  const K = Math.max(1, Math.min(mostPerRow, Math.floor(mostLogits / vocabularySize / Math.max(1, R))));
  const places = new Int32Array(R * K);
  const targets = new Int32Array(R * K);
  const counts = new Int32Array(R);
  const labels = rows.labels ?? rows.ids;
  const back = rows.labels === null ? 1 : 0;
  for (let row = 0; row < R; row++) {
    const [start, end] = [rows.offsets[row]!, rows.offsets[row + 1]!];
    const all: number[] = [];
    for (let token = start; token < end; token++) if (rows.isTarget[token] === 1) all.push(token);
    const count = Math.min(K, all.length);
    counts[row] = count;
    for (let k = 0; k < K; k++) {
      const token = count === 0 ? start : all[Math.floor(((Math.min(k, count - 1) + 0.5) * all.length) / count)]!;
      places[row * K + k] = Math.max(0, token - start - (count === 0 ? 0 : back));
      targets[row * K + k] = labels[token]!;
    }
  }
  return { perRow: K, places, targets, counts };
}

/** The rows of values [R·K,W] that are no repetitions: [P,W]. */
export function withoutRepetitions(values: Float32Array, { perRow: K, counts }: PickedPlaces): Float32Array {
  const W = values.length / (counts.length * K);
  const kept = counts.reduce((sum, count) => sum + count, 0);
  const all = new Float32Array(kept * W);
  let at = 0;
  for (const [row, count] of counts.entries()) {
    all.set(values.subarray(row * K * W, (row * K + count) * W), at);
    at += count * W;
  }
  return all;
}
