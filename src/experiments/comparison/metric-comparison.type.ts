import { Field, ObjectType } from 'type-graphql';
import { defineMetric, type MetricDefinition } from '../../protocol/metric-definition.js';
import { ExperimentType } from '../experiment.type.js';
import type { MetricPointRow } from '../metric.reads.js';
import { MetricDefinitionType, MetricValueType, toFinite } from '../metric.type.js';
import { bestIndex } from './best-index.js';

@ObjectType('ComparedMetricValue', { description: "One experiment's values of a metric.", simpleResolvers: true })
export class ComparedMetricValueType {
  @Field(() => MetricValueType, { nullable: true, description: 'The newest; null when it never recorded the metric.' })
  newest!: MetricValueType | null;

  @Field(() => MetricValueType, {
    nullable: true,
    description:
      "The best finite one of the run by the metric's direction, superseded values left out; the earliest of equal ones. Null when there is none, or no direction.",
  })
  best!: MetricValueType | null;
}

@ObjectType('MetricComparison', { description: 'A metric in several experiments.', simpleResolvers: true })
export class MetricComparisonType {
  @Field(() => MetricDefinitionType, { description: 'Which metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => [ComparedMetricValueType], { description: 'One an experiment, in the order they were asked for.' })
  values!: ComparedMetricValueType[];

  @Field(() => ExperimentType, {
    nullable: true,
    description: 'The one whose `best` is the best; the first of equal ones. Null when none has one.',
  })
  best!: ExperimentType | null;
}

/** What one experiment recorded of a metric. */
export interface RecordedMetric {
  readonly newest: MetricPointRow | null;
  /** By step; the greatest and the least value among them. */
  readonly extremes: readonly MetricPointRow[];
}

export function toMetricComparisonType(
  key: string,
  recorded: readonly RecordedMetric[],
  experiments: readonly ExperimentType[],
): MetricComparisonType {
  const definition = defineMetric(key);
  const best = recorded.map(({ extremes }) => {
    const index = bestIndex(
      extremes.map(({ value }) => value),
      definition.direction,
    );
    return index === null ? null : extremes[index]!;
  });
  const winner = bestIndex(
    best.map((point) => point?.value ?? null),
    definition.direction,
  );
  return Object.assign(new MetricComparisonType(), {
    definition,
    values: recorded.map(({ newest }, index) =>
      Object.assign(new ComparedMetricValueType(), {
        newest: toMetricValueType(newest),
        best: toMetricValueType(best[index] ?? null),
      }),
    ),
    best: winner === null ? null : experiments[winner]!,
  });
}

function toMetricValueType(point: MetricPointRow | null): MetricValueType | null {
  if (point === null) return null;
  const { key, value, step, attempt } = point;
  return Object.assign(new MetricValueType(), { definition: defineMetric(key), ...toFinite(value), step, attempt });
}
