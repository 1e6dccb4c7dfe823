import type { TokenRows } from './token-sequences.js';

/** Some rows of tokens, in the given order, each as often as it is named. */
export function selectRows(rows: TokenRows, chosen: Int32Array): TokenRows {
  const lengths = chosen.map((row) => rows.lengths[row]!);
  const offsets = new Int32Array(chosen.length + 1);
  for (const [index, length] of lengths.entries()) offsets[index + 1] = offsets[index]! + length;
  const take = <Values extends Int32Array | Uint8Array>(from: Values, to: Values): Values => {
    for (const [index, row] of chosen.entries()) {
      to.set(from.subarray(rows.offsets[row]!, rows.offsets[row + 1]!), offsets[index]!);
    }
    return to;
  };
  const count = offsets.at(-1)!;
  return {
    ids: take(rows.ids, new Int32Array(count)),
    isTarget: take(rows.isTarget, new Uint8Array(count)),
    labels: rows.labels === null ? null : take(rows.labels, new Int32Array(count)),
    segments: rows.segments === null ? null : take(rows.segments, new Int32Array(count)),
    offsets,
    lengths,
    targetCounts: chosen.map((row) => rows.targetCounts[row]!),
  };
}
