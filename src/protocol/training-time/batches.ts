import { chooseBuckets, standingBuckets } from '../length-buckets.js';

/** Batches of one shape. */
export interface Batches {
  readonly rows: number;
  /** Tokens of a row, padding included. */
  readonly length: number;
  readonly count: number;
}

/** More examples than these are stood for by as many of them. */
const mostExamples = 4096;

/**
 * Lengths of a number of examples, ascending, as those of a sample are distributed; of many examples, of so many that
 * stand for all.
 */
export function spreadLengths(sample: readonly number[], examples: number): Int32Array {
  const sorted = [...sample].sort((a, b) => a - b);
  const count = sorted.length === 0 ? 0 : Math.min(examples, mostExamples);
  return Int32Array.from({ length: count }, (_, index) => sorted[Math.floor(((index + 0.5) * sorted.length) / count)]!);
}

/**
 * The batches of one epoch. Examples of like lengths come together, so that a batch is padded to its longest; a family
 * that needs a graph for each length pads to one of a few (`chooseBuckets`). The last is filled up with empty rows.
 *
 * @param lengths ascending, of all examples or of some that stand for them
 */
export function trainingBatches(
  lengths: Int32Array,
  examples: number,
  {
    batchSize,
    maxLength,
    epochs,
    hasOneGraph,
  }: {
    readonly batchSize: number;
    readonly maxLength: number;
    readonly epochs: number;
    readonly hasOneGraph: boolean;
  },
): Batches[] {
  if (lengths.length === 0) return [];
  const buckets = hasOneGraph ? null : chooseBuckets(lengths, { maxLength, passes: epochs, mostBuckets: 8 });
  const padded = (length: number) => buckets?.find((bucket) => bucket >= length) ?? length;
  const batches = Math.ceil(examples / batchSize);
  return merge(
    Array.from({ length: batches }, (_, batch) => {
      const last = Math.min(examples, (batch + 1) * batchSize);
      return { rows: batchSize, length: padded(at(lengths, last, examples)), count: 1 };
    }),
  );
}

/** Rows and tokens of a batch that is computed forward alone. */
const forwardBatch = { tokens: 1024, mostRows: 256, rowsOfFixed: 32 };

/** The batches of an evaluation: of about as many tokens, or of as many rows for a family with a graph a length. */
export function forwardBatches(
  lengths: Int32Array,
  examples: number,
  {
    longest,
    hasOneGraph,
    mostRows = forwardBatch.mostRows,
  }: {
    readonly longest: number;
    readonly hasOneGraph: boolean;
    readonly mostRows?: number;
  },
): Batches[] {
  const batches: Batches[] = [];
  for (let end = examples; end > 0 && lengths.length > 0; ) {
    const own = Math.max(1, at(lengths, end, examples));
    const length = hasOneGraph ? own : standingBucket(own, longest);
    const rows = hasOneGraph
      ? Math.min(mostRows, end, Math.max(1, Math.floor(forwardBatch.tokens / length)))
      : forwardBatch.rowsOfFixed;
    batches.push({ rows, length, count: 1 });
    end -= rows;
  }
  return merge(batches);
}

/** What a length is padded to where graphs are kept. */
export function standingBucket(length: number, longest: number): number {
  return standingBuckets(longest).find((bucket) => bucket >= length) ?? length;
}

/** The length of the example in a place, counted from 1. */
function at(lengths: Int32Array, place: number, examples: number): number {
  return lengths[Math.max(0, Math.ceil((place * lengths.length) / examples) - 1)]!;
}

function merge(batches: readonly Batches[]): Batches[] {
  const merged = new Map<string, Batches>();
  for (const batch of batches) {
    const key = `${batch.rows} ${batch.length}`;
    merged.set(key, { ...batch, count: (merged.get(key)?.count ?? 0) + batch.count });
  }
  return [...merged.values()];
}
