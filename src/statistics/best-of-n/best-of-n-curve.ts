import { type BootstrapInterval, bootstrapIntervals } from '../bootstrap.js';
import { expectedOfBest, klBoundOfBest } from './best-of-weights.js';

/** The samples of one prompt, each list [n]. */
export interface PromptSamples {
  /** By which the best is chosen; finite. */
  readonly rewards: ArrayLike<number>;
  /** Further values of each sample, by name; NaN where a sample has none. */
  readonly values: Readonly<Record<string, ArrayLike<number>>>;
}

/** The mean over prompts of what the best of k is expected to have. */
interface MeanOfBest {
  readonly mean: number;
  /** Prompts that have the value. */
  readonly prompts: number;
  /** Null where the interval is missing. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface BestOfPoint {
  readonly k: number;
  readonly reward: MeanOfBest;
  /** By name, null where no prompt has the value. */
  readonly values: Readonly<Record<string, MeanOfBest | null>>;
  /** In nats. */
  readonly klBound: number;
}

/**
 * The curve of best of k for k = 1 … n, from n samples of each prompt, with intervals of 95 % by the bootstrap over
 * prompts. A prompt with a sample that lacks a value takes no part in that value's means.
 *
 * @param prompts all of one n, at least one
 */
export function bestOfNCurve(
  prompts: readonly PromptSamples[],
  names: readonly string[],
  options: { readonly seed: number; readonly rounds?: number },
): readonly BestOfPoint[] {
  const n = prompts[0]!.rewards.length;
  const rewards = meansOf(
    prompts.map((each) => expectedOfBest(each.rewards)),
    n,
    options,
  );
  const values = names.map((name) => {
    const known = prompts.filter((each) => Array.from(each.values[name]!).every((value) => !Number.isNaN(value)));
    return [
      name,
      meansOf(
        known.map((each) => expectedOfBest(each.rewards, each.values[name]!)),
        n,
        options,
      ),
    ] as const;
  });
  return Array.from({ length: n }, (_, at) => ({
    k: at + 1,
    reward: rewards[at]!,
    values: Object.fromEntries(values.map(([name, means]) => [name, means[at]!.prompts === 0 ? null : means[at]!])),
    klBound: klBoundOfBest(at + 1),
  }));
}

/** @param curves of each prompt, [P][n] */
function meansOf(
  curves: readonly Float64Array[],
  n: number,
  options: { readonly seed: number; readonly rounds?: number },
): MeanOfBest[] {
  const meansBy = (weight: (prompt: number) => number, total: number): number[] => {
    const sums = new Float64Array(n);
    for (const [prompt, curve] of curves.entries()) {
      const times = weight(prompt);
      if (times > 0) for (let at = 0; at < n; at++) sums[at]! += times * curve[at]!;
    }
    return Array.from(sums, (sum) => sum / total);
  };
  const intervals: readonly BootstrapInterval[] = bootstrapIntervals(
    new Float64Array(curves.length).fill(1),
    (counts) => meansBy((prompt) => counts[prompt]!, curves.length),
    n,
    options,
  );
  return meansBy(() => 1, curves.length).map((mean, at) => ({
    mean,
    prompts: curves.length,
    low: intervals[at]!.low,
    high: intervals[at]!.high,
  }));
}
