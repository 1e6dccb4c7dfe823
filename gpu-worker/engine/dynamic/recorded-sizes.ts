/** The sizes at which one dimension is recorded: two to derive formulas from, and one to check them. */
export interface RecordedSizes {
  readonly low: number;
  readonly high: number;
  readonly check: number;
}

/** What is known of a function before it is recorded. */
export interface SizesOfFunction {
  /** The largest size of each dynamic dimension at which the function can be recorded. */
  readonly maxima: readonly number[];
  /** Sizes of its inputs that are numbers: the batch size. */
  readonly ofInputs: readonly number[];
  /** Sizes of its parameters. */
  readonly ofParameters: readonly number[];
}

/** The usual low size of the first dimension, and how far those of the next are from it. */
const [firstSize, sizesApart] = [67, 6];
/** Sizes beyond this many times the usual one are not tried. */
const furthest = 4;
const leastSize = 2;
const attemptsEach = 4;

/**
 * Sizes to record the dynamic dimensions at, those to try first at the beginning; each has an entry for each dimension.
 *
 * A dynamic size that equals a fixed one in one recording lets passes take two values for one, which in the others are
 * two: with 67 texts of 67 tokens, a vector of ones for the texts and one for the tokens merge. Such recordings have
 * different numbers of nodes and are no one graph. The usual sizes come first, because where they suit, all that was
 * ever compiled from them keeps its bytes (the largest sizes decide for the passes). After them come sizes
 * that differ from every fixed one, and, where few positions leave too few of those, from those of the inputs alone.
 */
export function* sizesToRecord(known: SizesOfFunction): Generator<readonly RecordedSizes[]> {
  const starts = known.maxima.map((largest, index) =>
    Math.max(leastSize, Math.min(firstSize + sizesApart * index, Math.floor((largest - 2) / 2))),
  );
  const usual = starts.map((low) => ({ low, high: low + 1, check: 2 * low + 1 }));
  if (usual.every(({ check }, index) => check <= known.maxima[index]!)) yield usual;
  for (const fixed of [[...known.ofInputs, ...known.ofParameters], known.ofInputs, []]) {
    for (let attempt = 0; attempt < attemptsEach; attempt++) {
      const sizes = sizesApartFrom(new Set(fixed), known.maxima, starts, attempt);
      if (sizes !== undefined) yield sizes;
    }
  }
}

/** Sizes near the starts that are neither fixed nor another dimension's; undefined where there are too few. */
function sizesApartFrom(
  fixed: ReadonlySet<number>,
  maxima: readonly number[],
  starts: readonly number[],
  attempt: number,
): readonly RecordedSizes[] | undefined {
  const taken = new Set(fixed);
  const chosen: RecordedSizes[] = [];
  for (const [index, start] of starts.entries()) {
    const largest = Math.min(maxima[index]!, furthest * start);
    const free = Array.from({ length: Math.max(0, largest - leastSize + 1) }, (_, size) => leastSize + size)
      .filter((size) => !taken.has(size))
      .sort((a, b) => Math.abs(a - start) - Math.abs(b - start) || b - a);
    const [low, high, check] = free.slice(3 * attempt, 3 * attempt + 3);
    if (low === undefined || high === undefined || check === undefined) return undefined;
    for (const size of [low, high, check]) taken.add(size);
    chosen.push({ low, high, check });
  }
  return chosen;
}
