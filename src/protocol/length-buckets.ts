export interface BucketOptions {
  /** Tokens of the longest text there may be: no bucket is longer. */
  readonly maxLength: number;
  /** How often the graphs compute all examples: as often as a training has epochs, once in an evaluation. */
  readonly passes: number;
  /** The most graphs that may be alive at once: each holds buffers, and its own copy of frozen matrices. */
  readonly mostBuckets: number;
}

/**
 * The cost of compiling a graph, in tokens that could be computed in the same time: with MiniLM 0.7 s, at 0.5 ms for
 * each token in training.
 */
const tokensPerGraph = 1400;

/**
 * The most candidates for a bucket, since the cost of the search grows with their square. Every length is a candidate
 * where `maxLength` is not above this number, every second one where it is up to twice as much, and so on.
 */
const mostCandidates = 256;

/**
 * Chooses the few lengths that batches are padded to, ascending: those with the lowest cost of padded tokens of all
 * examples and of compiled graphs. Exact, by dynamic programming over (number of buckets k, longest bucket): k·C² / 2
 * steps for C candidates. A pure function of lengths and options, so that a resumed training has the same batches. Odd
 * lengths are as good as even ones: a token costs the same among 13 and among 16.
 *
 * @param lengths [N] tokens of each example, none above `maxLength`
 */
export function chooseBuckets(
  lengths: Int32Array,
  { maxLength, passes, mostBuckets }: BucketOptions,
): readonly number[] {
  const { candidates, upTo } = histogram(lengths, maxLength);
  const C = candidates.length;
  const cost = (after: number, c: number) =>
    passes * (candidates[c] ?? 0) * ((upTo[c + 1] ?? 0) - (upTo[after + 1] ?? 0)) + tokensPerGraph;

  // least[c]: cost of all examples up to candidate c where c is the k-th bucket. before[k − 1][c]: the bucket below it.
  let least = Float64Array.from(candidates, (_, c) => cost(-1, c));
  const before = [new Int32Array(C).fill(-1)];
  let [best, bestCost] = [1, least[C - 1] ?? 0];
  for (let k = 2; k <= Math.min(mostBuckets, C); k++) {
    const next = new Float64Array(C).fill(Number.POSITIVE_INFINITY);
    const below = new Int32Array(C).fill(-1);
    for (let c = k - 1; c < C; c++) {
      for (let shorter = k - 2; shorter < c; shorter++) {
        const total = (least[shorter] ?? 0) + cost(shorter, c);
        if (total >= (next[c] ?? 0)) continue;
        next[c] = total;
        below[c] = shorter;
      }
    }
    before.push(below);
    least = next;
    if ((least[C - 1] ?? 0) < bestCost) [best, bestCost] = [k, least[C - 1] ?? 0];
  }

  const chosen: number[] = [];
  for (let k = best, c = C - 1; k >= 1; c = before[k - 1]?.[c] ?? -1, k--) chosen.unshift(candidates[c] ?? 0);
  return chosen;
}

/**
 * The lengths of all examples as buckets, each at least 1: for graphs that take any length. A batch is then padded no
 * further than to its longest example.
 */
export function lengthsThatOccur(lengths: Int32Array): readonly number[] {
  return [...new Set(lengths.map((length) => Math.max(1, length)))].sort((a, b) => a - b);
}

/** Buckets that do not depend on the texts, so that graphs can be kept: powers of two from 16, then the maximum. */
export function standingBuckets(maxLength: number): readonly number[] {
  const lengths: number[] = [];
  for (let length = 16; length < maxLength; length *= 2) lengths.push(length);
  return [...lengths, maxLength];
}

/** The candidate lengths that occur, ascending; `upTo[c + 1]` is the number of examples not longer than candidate c. */
function histogram(lengths: Int32Array, maxLength: number) {
  const step = Math.max(1, Math.ceil(maxLength / mostCandidates));
  const counts = new Map<number, number>();
  for (const length of lengths) {
    if (length > maxLength) throw new RangeError(`a text has ${length} tokens, more than the maximum of ${maxLength}`);
    const candidate = Math.min(maxLength, Math.max(1, Math.ceil(length / step)) * step);
    counts.set(candidate, (counts.get(candidate) ?? 0) + 1);
  }
  if (counts.size === 0) return { candidates: [maxLength], upTo: [0, 0] };
  const candidates = [...counts.keys()].sort((a, b) => a - b);
  const upTo = [0];
  for (const [c, candidate] of candidates.entries()) upTo.push((upTo[c] ?? 0) + (counts.get(candidate) ?? 0));
  return { candidates, upTo };
}
