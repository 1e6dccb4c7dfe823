import type { MeasuredModel } from './measure-model.js';
import { standardErrorOf } from './probe-scores.js';

/** A score of which more is better. */
export function worth({ evidence: { probe } }: MeasuredModel): number {
  return probe.score;
}

/** Whether a model is worse than another by no more than the standard error of the difference. */
export function canNotBeToldFrom(model: MeasuredModel, best: MeasuredModel): boolean {
  return worth(best) - worth(model) <= errorOfDifference(model, best);
}

/** By the differences on the same examples, where both were scored on the same. */
function errorOfDifference(a: MeasuredModel, b: MeasuredModel): number {
  const [own, other] = [a.gains, b.gains];
  if (own !== null && other !== null && own.length === other.length) {
    return standardErrorOf(own.map((gain, n) => gain - other[n]!));
  }
  return Math.sqrt(a.evidence.probe.standardError ** 2 + b.evidence.probe.standardError ** 2);
}
