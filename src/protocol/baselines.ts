import { z } from 'zod';
import type { TaskScores } from './evaluation-scores.js';

/** A score that a task has without learning anything: what a score of a model is held against. */
export const Baseline = z.object({
  task: z.string(),
  /** A path into the scores of a task. */
  measure: z.enum(['accuracy', 'macro.f1', 'micro.f1', 'entities.micro.f1', 'average.r2', 'average.mse']),
  value: z.number(),
  /** The labels or the tag that are predicted for everything; empty where numbers are predicted. */
  prediction: z.array(z.string()),
});
export type Baseline = z.infer<typeof Baseline>;

/** A label or tag that a head knows, and how often it is true. */
export interface Support {
  readonly label: string;
  readonly support: number;
}

/**
 * Of one class for each example: that the most frequent class is predicted.
 * @param supports of all classes that the head knows
 * @param exampleCount with the examples whose class the head does not know
 */
export function classBaselines(task: string, supports: readonly Support[], exampleCount: number): Baseline[] {
  const most = mostFrequent(supports);
  if (most === null || exampleCount === 0) return [];
  const share = most.support / exampleCount;
  const prediction = [most.label];
  // The precision of the class is its share and its recall 1; every other class has an F1 of 0.
  return [
    { task, measure: 'accuracy', value: share, prediction },
    { task, measure: 'macro.f1', value: (2 * share) / (1 + share) / supports.length, prediction },
  ];
}

/**
 * Of any number of labels for each example: that the same labels are predicted for all examples, those with which the
 * micro-averaged F1 is highest. They are the k most frequent ones: with TP = Σ support, F1 = 2·TP / (k·N + Σ all).
 */
export function labelBaselines(task: string, supports: readonly Support[], exampleCount: number): Baseline[] {
  const sorted = [...supports].sort((a, b) => b.support - a.support || (a.label < b.label ? -1 : 1));
  const all = sorted.reduce((sum, { support }) => sum + support, 0);
  if (all === 0 || exampleCount === 0) return [];
  let best = { value: 0, count: 0 };
  let truePositives = 0;
  for (const [index, { support }] of sorted.entries()) {
    truePositives += support;
    const value = (2 * truePositives) / ((index + 1) * exampleCount + all);
    if (value > best.value) best = { value, count: index + 1 };
  }
  const prediction = sorted.slice(0, best.count).map(({ label }) => label);
  return [{ task, measure: 'micro.f1', value: best.value, prediction }];
}

/**
 * Of numbers: that the mean of each is predicted. R² is 0 then, and the mean squared error is the variance.
 * @param variances of the outputs with targets, as populations
 */
export function numberBaselines(task: string, variances: readonly number[]): Baseline[] {
  if (variances.length === 0) return [];
  const mse = variances.reduce((sum, variance) => sum + variance / variances.length, 0);
  return [
    ...(mse > 0 ? [{ task, measure: 'average.r2' as const, value: 0, prediction: [] }] : []),
    { task, measure: 'average.mse', value: mse, prediction: [] },
  ];
}

/** Of tags: that the most frequent tag is predicted for each word, which mostly is O and marks no entity. */
export function tagBaselines(
  task: string,
  supports: readonly Support[],
  wordCount: number,
  marksEntities: boolean,
): Baseline[] {
  const most = mostFrequent(supports);
  if (most === null || wordCount === 0) return [];
  const prediction = [most.label];
  return [
    { task, measure: 'accuracy', value: most.support / wordCount, prediction },
    ...(marksEntities ? [{ task, measure: 'entities.micro.f1' as const, value: 0, prediction: ['O'] }] : []),
  ];
}

/** The baselines on the examples that were scored. */
export function baselinesOfScores(scores: TaskScores): Baseline[] {
  const { task } = scores;
  switch (scores.kind) {
    case 'classification':
      return classBaselines(task, scores.perClass, scores.exampleCount);
    case 'multiLabel':
      return labelBaselines(task, scores.perLabel, scores.exampleCount);
    case 'regression': {
      const outputs = scores.perOutput.filter(({ exampleCount }) => exampleCount > 0);
      // R² = 1 − MSE / variance. Where every prediction is exact, it does not tell the variance.
      const variances = outputs.map(({ mse, r2 }) => (r2 === null ? 0 : mse / (1 - r2)));
      return numberBaselines(task, variances).filter(({ value }) => Number.isFinite(value));
    }
    case 'tokenClassification':
      return tagBaselines(task, scores.perTag, scores.wordCount, scores.entities !== null);
    default:
      return scores satisfies never;
  }
}

function mostFrequent(supports: readonly Support[]): Support | null {
  return supports.reduce<Support | null>((most, each) => (each.support > (most?.support ?? 0) ? each : most), null);
}
