import type { EarlyStopping } from '../../src/protocol/hyperparameters.js';
import { defineMetric } from '../../src/protocol/metric-definition.js';
import type { MetricSample } from '../../src/protocol/run-event.js';
import { ProblemError } from '../problem-error.js';

/** The evaluations so far, as a checkpoint keeps them. */
export interface ValidationHistory {
  readonly best: { readonly value: number; readonly step: number } | null;
  readonly evaluationsWithoutImprovement: number;
}

export const noValidation: ValidationHistory = { best: null, evaluationsWithoutImprovement: 0 };

/** The rule that finds `best` where the spec has no early stopping. It never ends a training. */
const defaultRule: EarlyStopping = { metric: 'validation/loss', patience: Number.POSITIVE_INFINITY, minDelta: 0 };

/** Refuses a rule whose metric is not among `measured` keys: ProblemError UNKNOWN_METRIC. */
export function checkStoppingMetric(rule: EarlyStopping | null, measured: readonly string[]): void {
  if (rule === null || measured.includes(rule.metric)) return;
  throw new ProblemError({
    path: ['hyperparameters', 'earlyStopping', 'metric'],
    code: 'UNKNOWN_METRIC',
    message: `early stopping watches “${rule.metric}”, which this training does not measure`,
    hint: `Measured are ${measured.join(', ')}.`,
  });
}

/** Takes one evaluation into account: the first one, or one that is better by more than `minDelta`, is the new best. */
export function observeValidation(
  history: ValidationHistory,
  samples: readonly MetricSample[],
  step: number,
  rule: EarlyStopping | null,
): ValidationHistory {
  const { metric, minDelta } = rule ?? defaultRule;
  // A value that is not finite, or missing because no example of the task has a label, is worse than any.
  const value = samples.find(({ key }) => key === metric)?.value ?? null;
  if (value !== null && isBetter(value, history.best?.value ?? null, metric, minDelta)) {
    return { best: { value, step }, evaluationsWithoutImprovement: 0 };
  }
  return { ...history, evaluationsWithoutImprovement: history.evaluationsWithoutImprovement + 1 };
}

export function isExhausted(history: ValidationHistory, rule: EarlyStopping | null): boolean {
  return history.evaluationsWithoutImprovement >= (rule ?? defaultRule).patience;
}

function isBetter(value: number, best: number | null, metric: string, minDelta: number): boolean {
  if (best === null) return true;
  const higherIsBetter = defineMetric(metric).direction === 'HIGHER_IS_BETTER';
  return higherIsBetter ? value > best + minDelta : value < best - minDelta;
}
