import type { Spectrum } from './spectrum.js';

/** Penalties that are tried, in shares of the mean square of the features' singular values. */
const penalties = [0.001, 0.01, 0.1, 1, 10, 100] as const;

/** What ridge regressions say of examples that they did not see. */
export interface LeftOut {
  /** Predictions [K][N]. */
  readonly predictions: readonly Float64Array[];
  readonly penalty: number;
}

/**
 * Predicts each example by a ridge regression on all others, with the penalty that errs least. No regression is fitted
 * anew: the errors of those that did not see a group of examples S are (I − H_SS)⁻¹ times the errors on S of the one
 * that saw all, where H gives its predictions, H y (Allen 1974, “PRESS”). Intercepts are not penalized.
 *
 * @param spectrum of the features around their means
 * @param targets columns [K][N]
 * @param groups [N] examples that are left out together have the same number; null: each is left out alone
 */
export function predictLeftOut(
  { examples, squares, directions }: Spectrum,
  targets: readonly Float64Array[],
  groups: Int32Array | null,
  beat: () => void,
): LeftOut {
  const k = squares.length;
  const mean = squares.reduce((sum, square) => sum + square, 0) / Math.max(1, k);
  const means = targets.map((target) => target.reduce((sum, y) => sum + y, 0) / examples);
  // Uᵀ (y − mean) of each target: the mean's direction is none of U's, since features have none of it.
  const projected = targets.map((target) => {
    beat();
    return project(directions, target, k);
  });
  const sets = groups === null ? null : setsOf(groups);
  let best: (LeftOut & { readonly error: number }) | null = null;
  for (const share of penalties) {
    const penalty = share * mean;
    const kept = squares.map((square) => square / (square + penalty));
    const leverages = sets === null ? leveragesOf(directions, kept, examples) : null;
    const factors = sets?.map((set) => factorOf(directions, kept, examples, set));
    let error = 0;
    const predictions = targets.map((target, i) => {
      beat();
      const errors = errorsOf(directions, kept, projected[i]!, target, means[i]!);
      if (leverages !== null) for (let n = 0; n < examples; n++) errors[n]! /= 1 - leverages[n]!;
      else for (const [s, set] of sets!.entries()) solveInPlace(factors![s]!, errors, set);
      for (let n = 0; n < examples; n++) {
        error += errors[n]! * errors[n]!;
        errors[n] = target[n]! - errors[n]!;
      }
      return errors;
    });
    if (best === null || error < best.error) best = { predictions, penalty, error };
  }
  return best!;
}

function project(directions: Float64Array, target: Float64Array, k: number): Float64Array {
  const into = new Float64Array(k);
  const N = target.length;
  for (let j = 0, at = 0; j < k; j++, at += N) {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += directions[at + n]! * target[n]!;
    into[j] = sum;
  }
  return into;
}

/** y − mean − U diag(kept) Uᵀ y [N]. */
function errorsOf(
  directions: Float64Array,
  kept: Float64Array,
  projected: Float64Array,
  target: Float64Array,
  mean: number,
): Float64Array {
  const errors = target.map((y) => y - mean);
  const N = target.length;
  for (let j = 0, at = 0; j < kept.length; j++, at += N) {
    const factor = kept[j]! * projected[j]!;
    for (let n = 0; n < N; n++) errors[n]! -= factor * directions[at + n]!;
  }
  return errors;
}

/** The diagonal of H = 1/N + U diag(kept) Uᵀ. */
function leveragesOf(directions: Float64Array, kept: Float64Array, examples: number): Float64Array {
  const leverages = new Float64Array(examples).fill(1 / examples);
  for (let j = 0, at = 0; j < kept.length; j++, at += examples) {
    for (let n = 0; n < examples; n++) leverages[n]! += kept[j]! * directions[at + n]! * directions[at + n]!;
  }
  return leverages;
}

function setsOf(groups: Int32Array): number[][] {
  const sets = new Map<number, number[]>();
  for (const [example, group] of groups.entries()) {
    const set = sets.get(group);
    if (set === undefined) sets.set(group, [example]);
    else set.push(example);
  }
  return [...sets.values()];
}

/** Cholesky's factor L [S, S] of I − H of the examples of a set, which is positive definite. */
function factorOf(
  directions: Float64Array,
  kept: Float64Array,
  examples: number,
  set: readonly number[],
): Float64Array {
  const size = set.length;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (i === j ? 1 : 0) - 1 / examples;
      for (let d = 0, at = 0; d < kept.length; d++, at += examples) {
        sum -= kept[d]! * directions[at + set[i]!]! * directions[at + set[j]!]!;
      }
      for (let l = 0; l < j; l++) sum -= factor[i * size + l]! * factor[j * size + l]!;
      factor[i * size + j] = i === j ? Math.sqrt(sum) : sum / factor[j * size + j]!;
    }
  }
  return factor;
}

/** Errors of a set times the inverse of L Lᵀ. */
function solveInPlace(factor: Float64Array, errors: Float64Array, set: readonly number[]): void {
  const size = set.length;
  const values = set.map((example) => errors[example]!);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) values[i]! -= factor[i * size + j]! * values[j]!;
    values[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) values[i]! -= factor[j * size + i]! * values[j]!;
    values[i]! /= factor[i * size + i]!;
  }
  for (const [i, example] of set.entries()) errors[example] = values[i]!;
}
