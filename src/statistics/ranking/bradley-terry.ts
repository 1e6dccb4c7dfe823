import exp from '@stdlib/math-base-special-exp';
import ln from '@stdlib/math-base-special-ln';
import log1p from '@stdlib/math-base-special-log1p';
import type { PairSums, PairTable } from './comparisons.js';
import { stronglyConnected } from './components.js';
import { type Derivatives, minimise } from './newton.js';

/**
 * What a tie is. `HALF`: half a win for either, as in Bradley and Terry's model with outcomes of 0.5. `DAVIDSON`: an
 * outcome of its own, P(tie) ∝ ν·√(π_a·π_b) (Davidson 1970, JASA 65).
 */
export type Ties = 'HALF' | 'DAVIDSON';

/** How good models are: ln π, P(a wins) = π_a / (π_a + π_b) where no tie is an outcome. */
export interface Strengths {
  /** [models], in nats, of mean 0 unless a prior was added */
  readonly strengths: Float64Array;
  /** Davidson's ν, 0 where ties are halves or none occurred; null where ties alone did. */
  readonly tieParameter: number | null;
  /** Whether half a win and half a loss against a model of strength 0 were added for each model. */
  readonly hasPrior: boolean;
  readonly components: readonly (readonly number[])[];
  readonly converged: boolean;
}

/**
 * The most likely strengths, by Newton's method. Where models fall apart into several components, they have no finite
 * ones: each model then gets half a win and half a loss more against a model of strength 0, and `hasPrior` says so.
 *
 * @param start strengths to start from, [models]
 * @param prior `ALWAYS`: they get them in any case
 */
export function fitStrengths(
  table: Pick<PairTable, 'models' | 'first' | 'second'>,
  sums: PairSums,
  ties: Ties,
  start?: Float64Array,
  prior: 'WHEN_NEEDED' | 'ALWAYS' = 'WHEN_NEEDED',
): Strengths {
  const count = table.models.length;
  const tieSum = sums.ties.reduce((sum, weight) => sum + weight, 0);
  const decided = sums.wins.reduce((sum, weight, pair) => sum + weight + sums.losses[pair]!, 0);
  const isDavidson = ties === 'DAVIDSON' && tieSum > 0 && decided > 0;
  // Davidson's model explains ties of models one of which never won by a great ν: there, they connect nothing.
  const components = stronglyConnected(count, winsOf(table, sums, isDavidson));
  const hasPrior = components.length > 1 || prior === 'ALWAYS';
  // Differences alone count: without a prior, the first model stays at 0.
  const fixed = hasPrior || count === 0 ? 0 : 1;
  const at = new Float64Array(count + 1);
  const spread = (parameters: Float64Array) => {
    at.set(parameters.subarray(0, count - fixed), fixed);
    at[count] = isDavidson ? parameters.at(-1)! : 0;
  };
  const first = new Float64Array(count - fixed + (isDavidson ? 1 : 0));
  if (start !== undefined)
    for (let model = fixed; model < count; model++) first[model - fixed] = start[model]! - (fixed ? start[0]! : 0);
  const { parameters, converged } = minimise(first, (values) => {
    spread(values);
    return derivatives(table, sums, { at, fixed, isDavidson, hasPrior, size: values.length });
  });
  spread(parameters);
  const mean = hasPrior ? 0 : at.subarray(0, count).reduce((sum, strength) => sum + strength / count, 0);
  const onlyTies = ties === 'DAVIDSON' && tieSum > 0 && decided === 0;
  return {
    strengths: at.slice(0, count).map((strength) => strength - mean),
    tieParameter: onlyTies ? null : isDavidson ? exp(at[count]!) : 0,
    hasPrior,
    components,
    converged,
  };
}

/** Winners and losers; of a tie, both are both unless ties are an outcome of their own. */
function* winsOf(
  { first, second }: Pick<PairTable, 'first' | 'second'>,
  { wins, losses, ties }: PairSums,
  isDavidson: boolean,
): Generator<[number, number]> {
  for (let pair = 0; pair < first.length; pair++) {
    const half = isDavidson ? 0 : ties[pair]! / 2;
    if (wins[pair]! + half > 0) yield [first[pair]!, second[pair]!];
    if (losses[pair]! + half > 0) yield [second[pair]!, first[pair]!];
  }
}

interface Point {
  /** [models + 1]: strengths, and ln ν */
  readonly at: Float64Array;
  /** Models at 0 that are not parameters: the first, or none */
  readonly fixed: number;
  readonly isDavidson: boolean;
  readonly hasPrior: boolean;
  readonly size: number;
}

/** Of −ln P(outcomes). */
function derivatives(
  table: Pick<PairTable, 'models' | 'first' | 'second'>,
  { wins, losses, ties }: PairSums,
  point: Point,
): Derivatives {
  const { at, fixed, isDavidson, hasPrior, size } = point;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const add = (row: number, column: number, amount: number) => {
    if (row >= 0 && column >= 0) hessian[row * size + column]! += amount;
  };
  let value = 0;
  for (let pair = 0; pair < table.first.length; pair++) {
    const [a, b] = [table.first[pair]!, table.second[pair]!];
    const games = wins[pair]! + losses[pair]! + ties[pair]!;
    if (games === 0) continue;
    const [rowA, rowB, rowTie] = [a - fixed, b - fixed, size - 1];
    if (isDavidson) {
      const [logWin, logLoss, logTie] = logSoftmax(at[a]!, at[b]!, at.at(-1)! + (at[a]! + at[b]!) / 2);
      const [win, loss, tie] = [exp(logWin), exp(logLoss), exp(logTie)];
      value -= wins[pair]! * logWin + losses[pair]! * logLoss + ties[pair]! * logTie;
      // Each outcome's logit is linear in (strength of a, strength of b, ln ν): (1, 0, 0), (0, 1, 0), (½, ½, 1).
      const slopes = [games * win - wins[pair]!, games * loss - losses[pair]!, games * tie - ties[pair]!] as const;
      if (rowA >= 0) gradient[rowA]! += slopes[0] + slopes[2] / 2;
      if (rowB >= 0) gradient[rowB]! += slopes[1] + slopes[2] / 2;
      gradient[rowTie]! += slopes[2];
      const [meanA, meanB] = [win + tie / 2, loss + tie / 2];
      add(rowA, rowA, games * (win + tie / 4 - meanA * meanA));
      add(rowB, rowB, games * (loss + tie / 4 - meanB * meanB));
      add(Math.max(rowA, rowB), Math.min(rowA, rowB), games * (tie / 4 - meanA * meanB));
      add(rowTie, rowTie, games * tie * (1 - tie));
      add(rowTie, rowA, games * tie * (1 / 2 - meanA));
      add(rowTie, rowB, games * tie * (1 / 2 - meanB));
      continue;
    }
    const score = wins[pair]! + ties[pair]! / 2;
    const probability = logistic(at[a]! - at[b]!);
    value += games * softplus(at[b]! - at[a]!) - (games - score) * (at[b]! - at[a]!);
    const [slope, curvature] = [games * probability - score, games * probability * (1 - probability)];
    if (rowA >= 0) gradient[rowA]! += slope;
    if (rowB >= 0) gradient[rowB]! -= slope;
    add(rowA, rowA, curvature);
    add(rowB, rowB, curvature);
    add(Math.max(rowA, rowB), Math.min(rowA, rowB), -curvature);
  }
  for (let model = 0; hasPrior && model < table.models.length; model++) {
    const probability = logistic(at[model]!);
    value += softplus(at[model]!) - at[model]! / 2;
    gradient[model]! += probability - 1 / 2;
    add(model, model, probability * (1 - probability));
  }
  return { value, gradient, hessian };
}

/** 1 / (1 + e⁻ˣ) */
export function logistic(x: number): number {
  return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

/** ln(1 + eˣ) */
export function softplus(x: number): number {
  return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
}

function logSoftmax(...logits: readonly [number, number, number]): [number, number, number] {
  const greatest = Math.max(...logits);
  const sum = greatest + ln(logits.reduce((all, logit) => all + exp(logit - greatest), 0));
  return [logits[0] - sum, logits[1] - sum, logits[2] - sum];
}
