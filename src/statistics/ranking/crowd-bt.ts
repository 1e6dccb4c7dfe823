import ln from '@stdlib/math-base-special-ln';
import { places } from '../answers.js';
import { requireNumber, StatisticsError } from '../statistics-error.js';
import { fitStrengths, logistic, softplus } from './bradley-terry.js';
import { type Comparison, checkComparisons } from './comparisons.js';
import { ratingsOf } from './rank-models.js';

/** Judgements that everybody is taken to have given before: nine of ten as the model has it. */
const judgedBefore = { right: 9, wrong: 1 } as const;

const mostIterations = 2000;

/** It ends when the objective grows by less for each judgement, in nats. */
const tolerance = 1e-12;

export interface CrowdRankingOptions {
  readonly baseline?: string;
  readonly baselineRating?: number;
}

export interface CrowdRanking {
  /** The best first. */
  readonly models: readonly { readonly model: string; readonly rating: number }[];
  readonly annotators: readonly {
    readonly annotator: string;
    /** The probability that a judgement follows the ratings, and not their reverse. */
    readonly reliability: number;
    readonly judgementCount: number;
  }[];
  /** What grows with each iteration: ln P(judgements) and the priors', in nats. */
  readonly objectives: readonly number[];
  readonly converged: boolean;
}

/**
 * Ratings of models and reliabilities of people together (Chen et al. 2013, WSDM, “Crowd-BT”): P(a says i ≻ j) =
 * η_a·σ(s_i − s_j) + (1 − η_a)·σ(s_j − s_i). Judgements of unreliable people count little, and those of people who
 * always say the reverse count reversed. By expectation maximisation over whether a judgement is reversed.
 *
 * A prior of ten judgements, nine of which follow the ratings, keeps the ratings from being turned over as a whole, and
 * half a win and half a loss for each model keeps them finite, so that they are nearer to each other than those of
 * `rankModels`. A tie is half a judgement for either.
 *
 * @throws StatisticsError a comparison is wrong or names no annotator, or the baseline was not compared
 */
export function rankByCrowd(comparisons: readonly Comparison[], options: CrowdRankingOptions = {}): CrowdRanking {
  const { baseline, baselineRating = 1000 } = options;
  checkComparisons(comparisons);
  requireNumber('baselineRating', baselineRating, -1e9, 1e9);
  const models = [...new Set(comparisons.flatMap(({ a, b }) => [a, b]))];
  const anchor = baseline === undefined ? -1 : models.indexOf(baseline);
  if (baseline !== undefined && anchor < 0) {
    throw new StatisticsError('UNKNOWN_NAME', 'baseline', `“${baseline}” was not compared.`);
  }
  const annotators = [...new Set(comparisons.map(annotatorOf))];
  const counts = new Map<string, number>();
  for (const { annotator } of comparisons) counts.set(annotator!, (counts.get(annotator!) ?? 0) + 1);
  const judgements = judgementsOf(comparisons, models, annotators);
  const reliabilities = new Float64Array(annotators.length).fill(judgedBefore.right / 10);
  let strengths: Float64Array = new Float64Array(models.length);
  const objectives: number[] = [];
  let converged = judgements.length === 0;
  while (!converged && objectives.length < mostIterations) {
    const { follows, objective } = weigh(judgements, strengths, reliabilities);
    const growth = objective - (objectives.at(-1) ?? Number.NEGATIVE_INFINITY);
    objectives.push(objective);
    converged = growth <= tolerance * judgements.length;
    if (converged) break;
    strengths = learn(judgements, follows, models, strengths, reliabilities);
  }
  const ratings = ratingsOf(strengths, anchor, baselineRating);
  return {
    models: models
      .map((model, place) => ({ model, rating: ratings[place]! }))
      .sort((one, two) => two.rating - one.rating),
    annotators: annotators.map((annotator, a) => ({
      annotator,
      reliability: reliabilities[a]!,
      judgementCount: counts.get(annotator)!,
    })),
    objectives,
    converged,
  };
}

/** That one model is better than another; a tie is two of half the weight. */
interface Judgement {
  readonly annotator: number;
  readonly winner: number;
  readonly loser: number;
  readonly weight: number;
}

function judgementsOf(
  comparisons: readonly Comparison[],
  models: readonly string[],
  annotators: readonly string[],
): Judgement[] {
  const modelPlaces = places(models);
  const annotatorPlaces = places(annotators);
  return comparisons.flatMap(({ a, b, outcome, weight = 1, annotator }) => {
    const [one, two] = [modelPlaces.get(a)!, modelPlaces.get(b)!];
    const judge = annotatorPlaces.get(annotator!)!;
    const won = { annotator: judge, winner: one, loser: two };
    const lost = { annotator: judge, winner: two, loser: one };
    if (outcome === 'A') return [{ ...won, weight }];
    if (outcome === 'B') return [{ ...lost, weight }];
    return [
      { ...won, weight: weight / 2 },
      { ...lost, weight: weight / 2 },
    ];
  });
}

/** How probable it is that each judgement follows the ratings, [judgements], and the objective. */
function weigh(judgements: readonly Judgement[], strengths: Float64Array, reliabilities: Float64Array) {
  let objective = 0;
  for (const reliability of reliabilities) {
    objective += judgedBefore.right * ln(reliability) + judgedBefore.wrong * ln(1 - reliability);
  }
  for (const strength of strengths) objective -= softplus(strength) - strength / 2;
  const follows = Float64Array.from(judgements, ({ annotator, winner, loser, weight }) => {
    const probability = logistic(strengths[winner]! - strengths[loser]!);
    const following = reliabilities[annotator]! * probability;
    const said = following + (1 - reliabilities[annotator]!) * (1 - probability);
    objective += weight * ln(said);
    return following / said;
  });
  return { follows, objective };
}

/** Writes the reliabilities, and gives the strengths. */
function learn(
  judgements: readonly Judgement[],
  follows: Float64Array,
  models: readonly string[],
  start: Float64Array,
  reliabilities: Float64Array,
): Float64Array {
  const following = new Float64Array(reliabilities.length).fill(judgedBefore.right);
  const all = new Float64Array(reliabilities.length).fill(judgedBefore.right + judgedBefore.wrong);
  const pairs = new Map<number, { wins: number; losses: number }>();
  for (const [index, { annotator, winner, loser, weight }] of judgements.entries()) {
    following[annotator]! += weight * follows[index]!;
    all[annotator]! += weight;
    const key = Math.min(winner, loser) * models.length + Math.max(winner, loser);
    const sum = pairs.get(key) ?? { wins: 0, losses: 0 };
    pairs.set(key, sum);
    const forFirst = winner < loser ? follows[index]! : 1 - follows[index]!;
    sum.wins += weight * forFirst;
    sum.losses += weight * (1 - forFirst);
  }
  for (let a = 0; a < reliabilities.length; a++) reliabilities[a] = following[a]! / all[a]!;
  const table = {
    models,
    first: Int32Array.from(pairs.keys(), (key) => Math.floor(key / models.length)),
    second: Int32Array.from(pairs.keys(), (key) => key % models.length),
  };
  const sums = {
    wins: Float64Array.from(pairs.values(), ({ wins }) => wins),
    losses: Float64Array.from(pairs.values(), ({ losses }) => losses),
    ties: new Float64Array(pairs.size),
  };
  return fitStrengths(table, sums, 'HALF', start, 'ALWAYS').strengths;
}

function annotatorOf({ annotator }: Comparison, index: number): string {
  if (annotator !== undefined) return annotator;
  throw new StatisticsError('UNKNOWN_NAME', `comparisons[${index}].annotator`, 'it names no annotator.');
}
