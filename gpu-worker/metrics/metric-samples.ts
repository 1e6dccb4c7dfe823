import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { MetricSample } from '../../src/protocol/run-event.js';

/** A sample as JSON can carry it: NaN and the infinities are named. */
export function metricSample(key: string, value: number): MetricSample {
  if (Number.isFinite(value)) return { key, value };
  if (Number.isNaN(value)) return { key, value: null, nonFinite: 'NAN' };
  return { key, value: null, nonFinite: value > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY' };
}

/** The validation metrics of one task under `prefix` (`validation`, `validation/<task>`); precision, recall, F1: macro. */
export function scoreSamples(prefix: string, scores: ClassificationScores): MetricSample[] {
  return [
    metricSample(`${prefix}/loss`, scores.loss),
    metricSample(`${prefix}/accuracy`, scores.accuracy),
    metricSample(`${prefix}/precision`, scores.macro.precision),
    metricSample(`${prefix}/recall`, scores.macro.recall),
    metricSample(`${prefix}/f1`, scores.macro.f1),
  ];
}
