import type { Computed } from './certified-model.js';

/** How an output of an export differs from the trained model's. */
export interface Difference {
  /** See `ParityOutput`. Infinite where a number is none. */
  readonly largest: number;
  /** Where that is: the row and the number in it, and what stands there. */
  readonly row: number;
  readonly at: number;
  readonly expected: number;
  readonly found: number;
}

/**
 * The largest difference of `found` from `expected`, both [R,W]: over the largest magnitude of a number of the row, or
 * over the root mean square of all rows where that is larger, so that a row of small numbers is not measured by itself.
 */
export function differenceOf(expected: Computed, found: Computed): Difference {
  const { width: W, values } = expected;
  const rms = rootMeanSquare(values);
  let worst: Difference = { largest: 0, row: 0, at: 0, expected: values[0] ?? 0, found: found.values[0] ?? 0 };
  for (let start = 0; start < values.length; start += W) {
    let scale = rms;
    for (let i = start; i < start + W; i++) scale = Math.max(scale, Math.abs(values[i]!));
    for (let i = start; i < start + W; i++) {
      const difference = relative(values[i]!, found.values[i]!, scale);
      if (difference <= worst.largest) continue;
      worst = { largest: difference, row: start / W, at: i - start, expected: values[i]!, found: found.values[i]! };
    }
  }
  return worst;
}

function relative(expected: number, found: number, scale: number): number {
  const difference = Math.abs(expected - found);
  if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY;
  if (difference === 0) return 0;
  return scale === 0 ? Number.POSITIVE_INFINITY : difference / scale;
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** What an adapter changed in a model's outputs, and how much of it an export has. */
export interface AdapterShare {
  /**
   * ⟨found − base, trained − base⟩ / ⟨trained − base, trained − base⟩: 1 where the adapter is merged, 0 where it is
   * not. Rounding adds noise around these, which averages out over thousands of numbers. Null where trained equals
   * base.
   */
  readonly share: number | null;
  /** Whether rounding is so large beside what the adapter changed that the share says nothing. */
  readonly isLost: boolean;
}

/** Rounding of more than this many times the adapter's change hides it. */
const mostNoise = 3;

/** Outputs count alike, whatever the size of their numbers. */
export function adapterShareOf(
  base: readonly Computed[],
  trained: readonly Computed[],
  found: readonly Computed[],
): AdapterShare {
  let [along, changed, noise] = [0, 0, 0];
  for (const [k, { values }] of trained.entries()) {
    const [from, to] = [base[k]!.values, found[k]!.values];
    const scale = rootMeanSquare(values) || 1;
    const weight = 1 / (scale * scale * Math.max(1, values.length));
    for (let i = 0; i < values.length; i++) {
      const change = values[i]! - from[i]!;
      along += weight * (to[i]! - from[i]!) * change;
      changed += weight * change * change;
      noise += weight * (to[i]! - values[i]!) ** 2;
    }
  }
  if (changed === 0) return { share: null, isLost: false };
  return { share: along / changed, isLost: noise > mostNoise * mostNoise * changed };
}
