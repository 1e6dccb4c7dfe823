import { createRandom } from './random.js';
import { createResampler } from './resample.js';
import { requireCount } from './statistics-error.js';

/** Keeps the random numbers of samples apart from other draws with the same seed. */
const sampleStream = 0x73616d70;

/** With fewer units, samples are too like each other for their percentiles to say what other units would give. */
export const leastUnits = 10;

/** The greatest share of samples that may have no value: percentiles of the others lean to one side. */
const mostUndefined = 0.1;

/** How a bootstrap draws. */
export interface BootstrapOptions {
  readonly seed: number;
  /** Samples that are drawn; by default 1,000. */
  readonly rounds?: number;
}

/** Why there is no interval. */
export type MissingInterval = 'NO_VALUE' | 'FEW_UNITS' | 'MANY_UNDEFINED_SAMPLES';

/** Where 95 % of the values lie that samples of the units give. */
export type BootstrapInterval = { readonly rounds: number; readonly undefinedRounds: number } & (
  | { readonly low: number; readonly high: number; readonly missing: null }
  | { readonly low: null; readonly high: null; readonly missing: MissingInterval }
);

export const defaultRounds = 1000;

/** No samples were drawn. */
export function withoutInterval(missing: MissingInterval): BootstrapInterval {
  return { low: null, high: null, missing, rounds: 0, undefinedRounds: 0 };
}

/**
 * An interval of 95 % by the percentile bootstrap (Efron 1979): units are drawn with replacement, the statistic is
 * computed of each sample, and 2.5 % of the values lie beyond either end. Values between two ranks are interpolated, as
 * numpy's `percentile` does.
 *
 * @param counts [kinds] units of each kind; units of one kind count the same in the statistic
 * @param statistic its value with other counts [kinds] of the same kinds, or null where it is not defined
 */
export function bootstrapInterval(
  counts: ArrayLike<number>,
  statistic: (counts: Float64Array) => number | null,
  options: BootstrapOptions,
): BootstrapInterval {
  return bootstrapIntervals(counts, (drawn) => [statistic(drawn)], 1, options)[0]!;
}

/**
 * The intervals of several statistics of the same samples, [size].
 *
 * @param statistics their values, [size]
 */
export function bootstrapIntervals(
  counts: ArrayLike<number>,
  statistics: (counts: Float64Array) => readonly (number | null)[],
  size: number,
  { seed, rounds = defaultRounds }: BootstrapOptions,
): BootstrapInterval[] {
  requireCount('rounds', rounds, 100);
  let units = 0;
  for (let kind = 0; kind < counts.length; kind++) units += counts[kind]!;
  if (units < leastUnits) return Array.from({ length: size }, () => withoutInterval('FEW_UNITS'));
  const draw = createResampler(counts, createRandom(seed, sampleStream));
  const drawn = new Float64Array(counts.length);
  const values: number[][] = Array.from({ length: size }, () => []);
  for (let round = 0; round < rounds; round++) {
    draw(drawn);
    const found = statistics(drawn);
    for (let place = 0; place < size; place++) if (found[place] != null) values[place]!.push(found[place]!);
  }
  return values.map((each) => intervalOf(each, rounds));
}

/** The interval of the values of samples; those of `rounds` that are not among them had none. */
export function intervalOf(values: readonly number[], rounds: number): BootstrapInterval {
  const undefinedRounds = rounds - values.length;
  if (undefinedRounds > mostUndefined * rounds) {
    return { low: null, high: null, missing: 'MANY_UNDEFINED_SAMPLES', rounds, undefinedRounds };
  }
  const sorted = Float64Array.from(values).sort();
  return { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975), missing: null, rounds, undefinedRounds };
}

/** @param sorted in ascending order, not empty */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (rank - below);
}
