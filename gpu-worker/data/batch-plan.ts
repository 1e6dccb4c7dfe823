import { createRandom, shuffle } from './random.js';

/** Which examples are computed together, and the number of tokens they are padded to. */
export interface Batch {
  /** At most the batch size. Rows beyond the examples become padding rows of weight zero. */
  readonly examples: Int32Array;
  readonly length: number;
}

export interface BatchPlanOptions {
  readonly batchSize: number;
  /** Lengths that batches are padded to, ascending: see `chooseBuckets`. */
  readonly buckets: readonly number[];
}

/**
 * Plans one epoch's batches: a pure function of (lengths, seed, epoch), so that an interrupted epoch goes on from any
 * batch. All examples are shuffled, sorted by bucket and cut into batches, whose order is then shuffled. So a batch is
 * a random choice of the examples of its bucket; for each bucket, at most one batch has shorter examples as well. There
 * are always ⌈N / batchSize⌉ batches.
 *
 * @param lengths [N] tokens of each example, none above the last bucket
 */
export function planEpoch(
  lengths: Int32Array,
  options: BatchPlanOptions,
  seed: number,
  epoch: number,
): readonly Batch[] {
  const random = createRandom(seed, epoch);
  const order = shuffle(
    lengths.map((_, example) => example),
    random,
  );
  const cut = cutIntoBatches(sortByBucket(order, lengths, options.buckets), lengths, options);
  return Array.from(shuffle(Int32Array.from(cut.keys()), random), (index) => cut[index] as Batch);
}

/** Batches of all examples, the shortest first: for scoring, where order does not matter. */
export function planByLength(lengths: Int32Array, options: BatchPlanOptions): readonly Batch[] {
  const examples = lengths.map((_, example) => example);
  return cutIntoBatches(sortByBucket(examples, lengths, options.buckets), lengths, options);
}

export interface TokenPlanOptions {
  /** A batch has at most this many tokens, padding included, unless one example alone has more. */
  readonly tokens: number;
  readonly mostRows: number;
}

/**
 * Batches of all examples, each with about the same number of tokens and padded to its own longest example: for graphs
 * that take any size. The longest examples come first: they need the most memory, which the later batches use again.
 */
export function planByTokens(lengths: Int32Array, { tokens, mostRows }: TokenPlanOptions): readonly Batch[] {
  const lengthOf = (example: number) => Math.max(1, lengths[example] ?? 0);
  const order = lengths
    .map((_, example) => example)
    .sort((left, right) => lengthOf(right) - lengthOf(left) || left - right);
  const batches: Batch[] = [];
  for (let start = 0; start < order.length; ) {
    const length = lengthOf(order[start] ?? 0);
    const rows = Math.min(mostRows, Math.max(1, Math.floor(tokens / length)));
    batches.push({ examples: order.slice(start, start + rows), length });
    start += rows;
  }
  return batches;
}

function cutIntoBatches(
  examples: Int32Array,
  lengths: Int32Array,
  { batchSize, buckets }: BatchPlanOptions,
): readonly Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < examples.length; start += batchSize) {
    const chosen = examples.slice(start, start + batchSize);
    const longest = chosen.reduce((most, example) => Math.max(most, lengths[example] ?? 0), 0);
    batches.push({ examples: chosen, length: bucketOf(longest, buckets) });
  }
  return batches;
}

/** Sorted by bucket, not by length: within a bucket the order stays random. */
function sortByBucket(examples: Int32Array, lengths: Int32Array, buckets: readonly number[]): Int32Array {
  return Int32Array.from(
    Array.from(examples, (example) => ({ example, bucket: bucketOf(lengths[example] ?? 0, buckets) }))
      .sort((left, right) => left.bucket - right.bucket)
      .map(({ example }) => example),
  );
}

function bucketOf(length: number, buckets: readonly number[]): number {
  let [low, high] = [0, buckets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((buckets[middle] ?? 0) < length) low = middle + 1;
    else high = middle;
  }
  const bucket = buckets[low];
  if (bucket === undefined) throw new RangeError(`a text of ${length} tokens fits none of the buckets ${buckets}`);
  return bucket;
}
