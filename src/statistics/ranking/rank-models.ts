import {
  type BootstrapInterval,
  type BootstrapOptions,
  defaultRounds,
  intervalOf,
  leastUnits,
  withoutInterval,
} from '../bootstrap.js';
import { createRandom } from '../random.js';
import { createResampler } from '../resample.js';
import { requireCount, StatisticsError } from '../statistics-error.js';
import { fitStrengths, type Ties } from './bradley-terry.js';
import { type Comparison, type PairSums, type PairTable, type Resampled, sumPairs, tabulate } from './comparisons.js';

/** Keeps the random numbers of these samples apart from other draws with the same seed. */
const sampleStream = 0x72616e6b;

/** Points between two models of which one wins ten times as often. */
const pointsPerDecade = 400;

export interface RankingOptions extends BootstrapOptions {
  /** The model whose rating is given; by default the mean of all ratings is. */
  readonly baseline?: string;
  /** The rating of the baseline, or the mean; by default 1,000. */
  readonly baselineRating?: number;
  /** By default `HALF`. */
  readonly ties?: Ties;
  /** By default `PROMPTS`. */
  readonly resampled?: Resampled;
}

interface RankedModel {
  readonly model: string;
  /** 400 · log10 of the model's odds against a model with the baseline's rating, plus that rating */
  readonly rating: number;
  /** Of the rating. The baseline's has no width. */
  readonly interval: BootstrapInterval;
  /** One more than the number of models whose whole interval lies above this one's; null without intervals. */
  readonly rank: number | null;
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

export interface Ranking {
  /** The best first. */
  readonly models: readonly RankedModel[];
  /** Davidson's ν, 0 where ties are halves or none occurred; null where ties alone did. */
  readonly tieParameter: number | null;
  /**
   * Models between which ratings compare by their results alone. With several groups, half a win and half a loss
   * against a model of mean strength were added for each model, and differences between groups are little but that.
   */
  readonly components: readonly (readonly string[])[];
  readonly hasPrior: boolean;
  /** Samples in which models fell apart, so that the prior was added. */
  readonly priorRounds: number;
  readonly promptCount: number;
  readonly converged: boolean;
}

/**
 * Ratings of models from comparisons by Bradley and Terry's model (1952, Biometrika 39), as FastChat's arena has it:
 * 400 · log10 π + 1,000, ties as half a win. Intervals of 95 % come from a bootstrap over prompts or annotators, since
 * judgements of one prompt, or of one person, depend on each other. Time O(comparisons + rounds · (entries +
 * models³)), entries being the pairs of models that a prompt has.
 *
 * @throws StatisticsError the baseline was not compared, or a comparison is wrong
 */
export function rankModels(comparisons: readonly Comparison[], options: RankingOptions): Ranking {
  const { ties = 'HALF', resampled = 'PROMPTS', baseline, baselineRating = 1000 } = options;
  const table = tabulate(comparisons, resampled);
  const { models } = table;
  const anchor = baseline === undefined ? -1 : models.indexOf(baseline);
  if (baseline !== undefined && anchor < 0) {
    const message = `“${baseline}” was not compared. Some models that were: ${models.slice(0, 10).join(', ')}.`;
    throw new StatisticsError('UNKNOWN_NAME', 'baseline', message);
  }
  const sums = sumPairs(table, new Float64Array(table.starts.length - 1).fill(1));
  const fitted = fitStrengths(table, sums, ties);
  const rate = (strengths: Float64Array) => ratingsOf(strengths, anchor, baselineRating);
  const ratings = rate(fitted.strengths);
  const { intervals, priorRounds } = drawIntervals(table, ties, fitted.strengths, rate, options);
  const ranked = models.map((model, place) => ({
    model,
    rating: ratings[place]!,
    interval: intervals[place]!,
    rank: rankOf(place, intervals),
    ...resultsOf(table, sums, place),
  }));
  return {
    models: ranked.sort((one, two) => two.rating - one.rating),
    tieParameter: fitted.tieParameter,
    components: fitted.components.map((component) => component.map((place) => models[place]!)),
    hasPrior: fitted.hasPrior,
    priorRounds,
    promptCount: new Set(comparisons.map(({ prompt }) => prompt)).size,
    converged: fitted.converged,
  };
}

/** @param anchor the place of the baseline, −1 for the mean */
export function ratingsOf(strengths: Float64Array, anchor: number, baselineRating: number): Float64Array {
  const mean = strengths.reduce((sum, strength) => sum + strength / strengths.length, 0);
  const zero = anchor < 0 ? mean : strengths[anchor]!;
  return strengths.map((strength) => ((strength - zero) * pointsPerDecade) / Math.LN10 + baselineRating);
}

function drawIntervals(
  table: PairTable,
  ties: Ties,
  start: Float64Array,
  rate: (strengths: Float64Array) => Float64Array,
  { seed, rounds = defaultRounds }: BootstrapOptions,
): { readonly intervals: BootstrapInterval[]; readonly priorRounds: number } {
  requireCount('rounds', rounds, 100);
  const groups = table.starts.length - 1;
  if (groups < leastUnits) {
    return { intervals: table.models.map(() => withoutInterval('FEW_UNITS')), priorRounds: 0 };
  }
  const draw = createResampler(new Float64Array(groups).fill(1), createRandom(seed, sampleStream));
  const drawn = new Float64Array(groups);
  const values: number[][] = table.models.map(() => []);
  let priorRounds = 0;
  for (let round = 0; round < rounds; round++) {
    draw(drawn);
    const sums = sumPairs(table, drawn);
    const { strengths, hasPrior } = fitStrengths(table, sums, ties, start);
    if (hasPrior) priorRounds++;
    const compared = comparedModels(table, sums);
    // A sample without any comparison of a model says nothing of it.
    for (const [place, rating] of rate(strengths).entries()) if (compared[place]) values[place]!.push(rating);
  }
  return { intervals: values.map((each) => intervalOf(each, rounds)), priorRounds };
}

function comparedModels({ models, first, second }: PairTable, { wins, losses, ties }: PairSums): Uint8Array {
  const compared = new Uint8Array(models.length);
  for (let pair = 0; pair < first.length; pair++) {
    if (wins[pair]! + losses[pair]! + ties[pair]! === 0) continue;
    compared[first[pair]!] = 1;
    compared[second[pair]!] = 1;
  }
  return compared;
}

function rankOf(place: number, intervals: readonly BootstrapInterval[]): number | null {
  const { high } = intervals[place]!;
  if (high === null) return null;
  return 1 + intervals.filter(({ low }) => low !== null && low > high).length;
}

function resultsOf({ first, second }: PairTable, sums: PairSums, place: number) {
  const results = { wins: 0, losses: 0, ties: 0 };
  for (let pair = 0; pair < first.length; pair++) {
    if (first[pair] !== place && second[pair] !== place) continue;
    const isFirst = first[pair] === place;
    results.wins += isFirst ? sums.wins[pair]! : sums.losses[pair]!;
    results.losses += isFirst ? sums.losses[pair]! : sums.wins[pair]!;
    results.ties += sums.ties[pair]!;
  }
  return results;
}
