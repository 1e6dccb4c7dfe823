import { places } from '../answers.js';
import { requireNumber, StatisticsError } from '../statistics-error.js';

/** Which of two answers is better. */
export type Outcome = 'A' | 'B' | 'TIE';

/** One judgement of the answers of two models, or of two prompts, to one question. */
export interface Comparison {
  readonly a: string;
  readonly b: string;
  readonly outcome: Outcome;
  /** What both answered. Judgements of one prompt depend on each other. */
  readonly prompt: string;
  readonly annotator?: string;
  /** How much it counts, by default 1. */
  readonly weight?: number;
}

/** Whose judgements are drawn together: other prompts might have been asked, or other people. */
export type Resampled = 'PROMPTS' | 'ANNOTATORS';

/** How often each pair of models ended how: sums of weights. */
export interface PairTable {
  readonly models: readonly string[];
  /** [pairs] places of models, first < second */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** [groups + 1]: the entries of a group are those from `starts[g]` to `starts[g + 1] − 1` */
  readonly starts: Int32Array;
  /** [entries] places of pairs */
  readonly pairOf: Int32Array;
  /** [entries] */
  readonly wins: Float64Array;
  readonly losses: Float64Array;
  readonly ties: Float64Array;
}

/** Sums of some groups' entries, [pairs]: wins are the first model's. */
export interface PairSums {
  readonly wins: Float64Array;
  readonly losses: Float64Array;
  readonly ties: Float64Array;
}

/**
 * Comparisons by prompt or annotator, and by pair. Models are in the order in which they first occur.
 *
 * @throws StatisticsError a model is compared with itself, a weight is negative or not finite, or annotators are to be
 *   drawn and a comparison has none
 */
export function tabulate(comparisons: readonly Comparison[], resampled: Resampled): PairTable {
  checkComparisons(comparisons);
  const models = [...new Set(comparisons.flatMap(({ a, b }) => [a, b]))];
  const modelPlaces = places(models);
  const pairs = new Map<number, number>();
  const groups = new Map<string, Map<number, { wins: number; losses: number; ties: number }>>();
  for (const [index, { a, b, outcome, weight = 1, ...comparison }] of comparisons.entries()) {
    const group = resampled === 'PROMPTS' ? comparison.prompt : comparison.annotator;
    if (group === undefined) {
      const message = 'it names no annotator. Name one in each, or draw prompts.';
      throw new StatisticsError('UNKNOWN_NAME', `comparisons[${index}].annotator`, message);
    }
    const [one, two] = [modelPlaces.get(a)!, modelPlaces.get(b)!];
    const key = Math.min(one, two) * models.length + Math.max(one, two);
    const pair = pairs.get(key) ?? pairs.size;
    pairs.set(key, pair);
    const entries = groups.get(group) ?? new Map();
    groups.set(group, entries);
    const entry = entries.get(pair) ?? { wins: 0, losses: 0, ties: 0 };
    entries.set(pair, entry);
    if (outcome === 'TIE') entry.ties += weight;
    else if ((outcome === 'A') === one < two) entry.wins += weight;
    else entry.losses += weight;
  }
  const keys = [...pairs.keys()];
  const entries = [...groups.values()].flatMap((group) => [...group]);
  const starts = Int32Array.of(0, ...Array.from(groups.values(), ({ size }) => size));
  for (let group = 1; group < starts.length; group++) starts[group]! += starts[group - 1]!;
  return {
    models,
    first: Int32Array.from(keys, (key) => Math.floor(key / models.length)),
    second: Int32Array.from(keys, (key) => key % models.length),
    starts,
    pairOf: Int32Array.from(entries, ([pair]) => pair),
    wins: Float64Array.from(entries, ([, { wins }]) => wins),
    losses: Float64Array.from(entries, ([, { losses }]) => losses),
    ties: Float64Array.from(entries, ([, { ties }]) => ties),
  };
}

/** @param drawn how often each group counts, [groups] */
export function sumPairs(table: PairTable, drawn: ArrayLike<number>): PairSums {
  const count = table.first.length;
  const sums = { wins: new Float64Array(count), losses: new Float64Array(count), ties: new Float64Array(count) };
  for (let group = 0; group + 1 < table.starts.length; group++) {
    const times = drawn[group]!;
    if (times === 0) continue;
    for (let entry = table.starts[group]!; entry < table.starts[group + 1]!; entry++) {
      const pair = table.pairOf[entry]!;
      sums.wins[pair]! += times * table.wins[entry]!;
      sums.losses[pair]! += times * table.losses[entry]!;
      sums.ties[pair]! += times * table.ties[entry]!;
    }
  }
  return sums;
}

export function checkComparisons(comparisons: readonly Comparison[]): void {
  for (const [index, { a, b, weight = 1 }] of comparisons.entries()) {
    if (a === b)
      throw new StatisticsError('UNKNOWN_NAME', `comparisons[${index}].b`, `“${a}” is compared with itself.`);
    requireNumber(`comparisons[${index}].weight`, weight, 0, 1e12);
  }
}
