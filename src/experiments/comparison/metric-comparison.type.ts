import { Field, ObjectType } from 'type-graphql';
import { defineMetric, type MetricDefinition } from '../../protocol/metric-definition.js';
import { bestIndex, bestPoint } from '../best-index.js';
import { ExperimentType } from '../experiment.type.js';
import type { MetricPointRow } from '../metric.reads.js';
import { MetricDefinitionType, MetricValueType, toMetricValueType } from '../metric.type.js';
import type { MetricSeries } from '../metric-series.reads.js';

@ObjectType('ComparedMetricValue', { description: "One experiment's values of a metric.", simpleResolvers: true })
export class ComparedMetricValueType {
  @Field(() => MetricValueType, {
    nullable: true,
    description: 'The newest value; null when the experiment never recorded the metric.',
  })
  newest!: MetricValueType | null;

  @Field(() => MetricValueType, {
    nullable: true,
    description:
      "The best finite value of the run by the metric's direction, without superseded values; of equal ones, the earliest. Null when there is none, or the metric has no direction.",
  })
  best!: MetricValueType | null;
}

@ObjectType('MetricComparison', { description: 'A metric in several experiments.', simpleResolvers: true })
export class MetricComparisonType {
  @Field(() => MetricDefinitionType, { description: 'The metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => [ComparedMetricValueType], {
    description: 'One entry for each experiment, in the order of the request.',
  })
  values!: ComparedMetricValueType[];

  @Field(() => ExperimentType, {
    nullable: true,
    description: 'The experiment with the best `best`; of equal ones, the first. Null when no experiment has one.',
  })
  best!: ExperimentType | null;
}

/** The recorded values of one metric in one experiment. */
export interface RecordedMetric {
  readonly newest: MetricPointRow | null;
  /** The greatest and the least value are among its points; null: none was recorded. */
  readonly extremes: MetricSeries | null;
}

export function toMetricComparisonType(
  key: string,
  recorded: readonly RecordedMetric[],
  experiments: readonly ExperimentType[],
): MetricComparisonType {
  const definition = defineMetric(key);
  const best = recorded.map(({ extremes }) => {
    const point = extremes === null ? null : bestPoint(key, extremes.points);
    return point === null ? null : { ...point, runId: extremes!.runId, key };
  });
  const winner = bestIndex(
    best.map((point) => point?.value ?? null),
    definition.direction,
  );
  return Object.assign(new MetricComparisonType(), {
    definition,
    values: recorded.map(({ newest }, index) =>
      Object.assign(new ComparedMetricValueType(), {
        newest: newest === null ? null : toMetricValueType(newest),
        best: best[index] == null ? null : toMetricValueType(best[index]),
      }),
    ),
    best: winner === null ? null : experiments[winner]!,
  });
}
