import type { RewardScores, TaskScores } from '../../src/protocol/evaluation-scores.js';
import { measuresOf } from '../../src/protocol/heads.js';
import type { MetricSample } from '../../src/protocol/run-event.js';

/** A sample as JSON can carry it: for NaN and the infinities, `value` is null and `nonFinite` names them. */
export function metricSample(key: string, value: number): MetricSample {
  if (Number.isFinite(value)) return { key, value };
  if (Number.isNaN(value)) return { key, value: null, nonFinite: 'NAN' };
  return { key, value: null, nonFinite: value > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY' };
}

/**
 * The metrics of one head under `prefix` (`validation`, `validation/<task>`): those that `measuresOf` names for its
 * kind, without those that are null.
 */
export function scoreSamples(prefix: string, scores: TaskScores): MetricSample[] {
  const values = valuesOf(scores);
  return measuresOf(scores.kind).flatMap((measure) => {
    const value = values[measure];
    return value == null ? [] : [metricSample(`${prefix}/${measure}`, value)];
  });
}

/** As `scoreSamples`, of a reward model. */
export function rewardSamples(prefix: string, scores: RewardScores): MetricSample[] {
  const { loss, accuracy, margin, chosenReward, rejectedReward } = scores;
  const values: Readonly<Record<string, number>> = { loss, accuracy, margin, chosenReward, rejectedReward };
  return measuresOf('reward').map((measure) => metricSample(`${prefix}/${measure}`, values[measure]!));
}

function valuesOf(scores: TaskScores): Readonly<Record<string, number | null>> {
  switch (scores.kind) {
    case 'classification': {
      const { loss, accuracy, macro } = scores;
      return { loss, accuracy, ...macro };
    }
    case 'multiLabel': {
      const { loss, subsetAccuracy, macro, micro, samples, averagePrecision } = scores;
      return {
        loss,
        subsetAccuracy,
        ...macro,
        microF1: micro.f1,
        samplesF1: samples.f1,
        averagePrecision: averagePrecision.macro,
      };
    }
    case 'regression': {
      const { loss, average } = scores;
      return { loss, ...average };
    }
    case 'tokenClassification': {
      const { loss, accuracy, entities, macro } = scores;
      return { loss, accuracy, ...(entities === null ? macro : entities.micro) };
    }
    default:
      return scores satisfies never;
  }
}
