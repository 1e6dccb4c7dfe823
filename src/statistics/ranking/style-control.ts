import { places } from '../answers.js';
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
import { requireCount, requireNumber, StatisticsError } from '../statistics-error.js';
import { logistic, softplus } from './bradley-terry.js';
import { type Comparison, checkComparisons } from './comparisons.js';
import { type Derivatives, minimise } from './newton.js';
import { ratingsOf } from './rank-models.js';

/** Keeps the random numbers of these samples apart from other draws with the same seed. */
const sampleStream = 0x7374796c;

/** FastChat's: half of scikit-learn's 1, since it counts each comparison once and not twice. */
const penalty = 0.5;

/** A comparison with the style of both answers: counts from 0, such as tokens, headings, list items, bold words. */
export interface StyledComparison extends Comparison {
  /** [features] */
  readonly styleA: readonly number[];
  readonly styleB: readonly number[];
}

export interface StyleOptions extends BootstrapOptions {
  /** The names of the counts, [features]. */
  readonly features: readonly string[];
  readonly baseline?: string;
  readonly baselineRating?: number;
}

export interface StyleControl {
  /** Ratings at equal style, the best first. */
  readonly models: readonly { readonly model: string; readonly rating: number; readonly interval: BootstrapInterval }[];
  /** What a usual difference of a feature adds to the logit of winning. */
  readonly features: readonly {
    readonly feature: string;
    readonly coefficient: number;
    readonly interval: BootstrapInterval;
  }[];
  readonly converged: boolean;
}

/**
 * Bradley and Terry's ratings with the style of answers beside the models, after FastChat's style control: the logit of
 * a's winning is the difference of strengths and Σ_f β_f · d_f, where d = (x_a − x_b) / (x_a + x_b + 1), divided by its
 * root mean square over all comparisons. Ratings are read at d = 0: what remains of a model when its answers are as
 * long as the other's. The ridge of 0.5 / 2 on squared strengths (in decades) and coefficients makes them finite.
 *
 * FastChat subtracts the mean of d besides, which makes ratings depend on which answer is called a; here they do not.
 * Intervals come from a bootstrap over prompts. Time O(rounds · comparisons · features²).
 *
 * @throws StatisticsError counts are negative or not as many as features, or the baseline is unknown
 */
export function controlStyle(comparisons: readonly StyledComparison[], options: StyleOptions): StyleControl {
  const { features, baseline, baselineRating = 1000, seed, rounds = defaultRounds } = options;
  requireCount('rounds', rounds, 100);
  checkComparisons(comparisons);
  const models = [...new Set(comparisons.flatMap(({ a, b }) => [a, b]))];
  const anchor = baseline === undefined ? -1 : models.indexOf(baseline);
  if (baseline !== undefined && anchor < 0) {
    throw new StatisticsError('UNKNOWN_NAME', 'baseline', `“${baseline}” was not compared.`);
  }
  const rows = rowsOf(comparisons, models, features.length);
  const prompts = [...new Set(comparisons.map(({ prompt }) => prompt))];
  const promptPlaces = places(prompts);
  const promptOf = Int32Array.from(comparisons, ({ prompt }) => promptPlaces.get(prompt)!);
  const size = models.length + features.length;
  const fitted = (times: ArrayLike<number>, start: Float64Array) =>
    minimise(start, (parameters) =>
      derivatives(rows, (row) => times[promptOf[row]!]! * rows.weights[row]!, parameters, models.length),
    );
  const { parameters, converged } = fitted(new Float64Array(prompts.length).fill(1), new Float64Array(size));
  const read = (found: Float64Array) => [
    ...ratingsOf(found.subarray(0, models.length), anchor, baselineRating),
    ...found.subarray(models.length),
  ];
  const values: number[][] = Array.from({ length: size }, () => []);
  if (prompts.length >= leastUnits) {
    const draw = createResampler(new Float64Array(prompts.length).fill(1), createRandom(seed, sampleStream));
    const drawn = new Float64Array(prompts.length);
    for (let round = 0; round < rounds; round++) {
      draw(drawn);
      for (const [place, value] of read(fitted(drawn, parameters).parameters).entries()) values[place]!.push(value);
    }
  }
  const intervals = values.map((each) => (each.length === 0 ? withoutInterval('FEW_UNITS') : intervalOf(each, rounds)));
  const found = read(parameters);
  return {
    models: models
      .map((model, place) => ({ model, rating: found[place]!, interval: intervals[place]! }))
      .sort((one, two) => two.rating - one.rating),
    features: features.map((feature, f) => ({
      feature,
      coefficient: found[models.length + f]!,
      interval: intervals[models.length + f]!,
    })),
    converged,
  };
}

interface Rows {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weights: Float64Array;
  /** 1, 0.5 or 0 */
  readonly scores: Float64Array;
  /** [comparisons][features] */
  readonly differences: readonly Float64Array[];
}

function rowsOf(comparisons: readonly StyledComparison[], models: readonly string[], features: number): Rows {
  const modelPlaces = places(models);
  const differences = comparisons.map(({ styleA, styleB }, index) => {
    for (const [name, style] of Object.entries({ styleA, styleB })) {
      const path = `comparisons[${index}].${name}`;
      if (style.length !== features) {
        throw new StatisticsError('UNEQUAL_LENGTHS', path, `${style.length} counts for ${features} features.`);
      }
      for (const [f, count] of style.entries()) requireNumber(`${path}[${f}]`, count, 0, Number.MAX_SAFE_INTEGER);
    }
    return Float64Array.from(styleA, (one, f) => (one - styleB[f]!) / (one + styleB[f]! + 1));
  });
  for (let f = 0; f < features; f++) {
    const square = differences.reduce((sum, row) => sum + row[f]! * row[f]!, 0) / differences.length;
    // A feature that never differs says nothing, and its coefficient stays 0.
    if (square > 0) for (const row of differences) row[f]! /= Math.sqrt(square);
  }
  return {
    first: Int32Array.from(comparisons, ({ a }) => modelPlaces.get(a)!),
    second: Int32Array.from(comparisons, ({ b }) => modelPlaces.get(b)!),
    weights: Float64Array.from(comparisons, ({ weight = 1 }) => weight),
    scores: Float64Array.from(comparisons, ({ outcome }) => (outcome === 'TIE' ? 0.5 : outcome === 'A' ? 1 : 0)),
    differences,
  };
}

function derivatives(
  { first, second, scores, differences }: Rows,
  weightOf: (row: number) => number,
  parameters: Float64Array,
  models: number,
): Derivatives {
  const size = parameters.length;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  let value = 0;
  for (let p = 0; p < size; p++) {
    const share = p < models ? penalty / (Math.LN10 * Math.LN10) : penalty;
    value += (share / 2) * parameters[p]! * parameters[p]!;
    gradient[p] = share * parameters[p]!;
    hessian[p * size + p] = share;
  }
  for (let row = 0; row < scores.length; row++) {
    const weight = weightOf(row);
    if (weight === 0) continue;
    const [a, b, style] = [first[row]!, second[row]!, differences[row]!];
    let logit = parameters[a]! - parameters[b]!;
    for (let f = 0; f < style.length; f++) logit += parameters[models + f]! * style[f]!;
    const probability = logistic(logit);
    value += weight * (softplus(logit) - scores[row]! * logit);
    const slope = weight * (probability - scores[row]!);
    const curvature = weight * probability * (1 - probability);
    gradient[a]! += slope;
    gradient[b]! -= slope;
    hessian[a * size + a]! += curvature;
    hessian[b * size + b]! += curvature;
    hessian[Math.max(a, b) * size + Math.min(a, b)]! -= curvature;
    for (let f = 0; f < style.length; f++) {
      const start = (models + f) * size;
      gradient[models + f]! += slope * style[f]!;
      hessian[start + a]! += curvature * style[f]!;
      hessian[start + b]! -= curvature * style[f]!;
      for (let g = 0; g <= f; g++) hessian[start + models + g]! += curvature * style[f]! * style[g]!;
    }
  }
  return { value, gradient, hessian };
}
