import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import { defineMetric, type MetricDefinition } from '../protocol/metric-definition.js';
import type { MetricValueRow } from './metric.reads.js';
import type { SeriesPoint } from './series/kept-points.js';

export const MetricUnitEnum = {
  NATS: 'NATS',
  RATIO: 'RATIO',
  BITS_PER_BYTE: 'BITS_PER_BYTE',
  EXAMPLES_PER_SECOND: 'EXAMPLES_PER_SECOND',
  TOKENS_PER_SECOND: 'TOKENS_PER_SECOND',
  NONE: 'NONE',
} as const satisfies Record<MetricDefinition['unit'], string>;

registerEnumType(MetricUnitEnum, {
  name: 'MetricUnit',
  description: 'Unit of a metric.',
  valuesConfig: {
    NATS: { description: 'Natural logarithm, of cross-entropy. Uniform chance among C labels has ln C.' },
    RATIO: { description: 'From 0 to 1.' },
    BITS_PER_BYTE: {
      description:
        'Cross-entropy in bits for each byte, in UTF-8, of what is predicted; of answers that are cut, of the tokens that are kept.',
    },
    EXAMPLES_PER_SECOND: { description: 'Training examples per second of wall time.' },
    TOKENS_PER_SECOND: { description: 'Learned tokens per second of wall time.' },
    NONE: { description: 'A plain number.' },
  },
});

export const MetricDirectionEnum = {
  HIGHER_IS_BETTER: 'HIGHER_IS_BETTER',
  LOWER_IS_BETTER: 'LOWER_IS_BETTER',
  NEITHER: 'NEITHER',
} as const satisfies Record<MetricDefinition['direction'], string>;

registerEnumType(MetricDirectionEnum, {
  name: 'MetricDirection',
  description: 'Whether higher or lower values of a metric are better.',
  valuesConfig: {
    HIGHER_IS_BETTER: { description: 'e.g. accuracy.' },
    LOWER_IS_BETTER: { description: 'e.g. loss.' },
    NEITHER: { description: 'Neither, e.g. for the learning rate.' },
  },
});

export const NonFiniteEnum = {
  NAN: 'NAN',
  POSITIVE_INFINITY: 'POSITIVE_INFINITY',
  NEGATIVE_INFINITY: 'NEGATIVE_INFINITY',
} as const;
export type NonFinite = keyof typeof NonFiniteEnum;

registerEnumType(NonFiniteEnum, {
  name: 'NonFinite',
  description: "A metric's value that is not a finite number, which GraphQL's Float can not hold.",
  valuesConfig: {
    NAN: { description: 'Not a number.' },
    POSITIVE_INFINITY: { description: '+∞.' },
    NEGATIVE_INFINITY: { description: '−∞.' },
  },
});

@ObjectType('MetricDefinition', { description: "What a metric's key means.", simpleResolvers: true })
export class MetricDefinitionType {
  @Field(() => String, { description: 'Path: split/measure, or split/task/measure, e.g. validation/topic/f1.' })
  key!: string;

  @Field(() => MetricUnitEnum, { description: "Unit of the metric's values." })
  unit!: keyof typeof MetricUnitEnum;

  @Field(() => MetricDirectionEnum, { description: 'Whether higher or lower values are better.' })
  direction!: keyof typeof MetricDirectionEnum;

  @Field(() => String, { description: 'First part of the key: the split that was measured.' })
  split!: string;

  @Field(() => String, { nullable: true, description: 'The task that was measured; null: all tasks, or the only one.' })
  task!: string | null;
}

@ObjectType('MetricPoint', { description: 'A value of a metric at an optimizer step.', simpleResolvers: true })
export class MetricPointType {
  @Field(() => Int, { description: 'Optimizer steps done, from 1; 0 for the base model, before the first.' })
  step!: number;

  @Field(() => Number, { description: 'Epochs of the training set passed so far.' })
  epoch!: number;

  @Field(() => Number, { nullable: true, description: "The value, in the metric's unit; null when it is not finite." })
  value!: number | null;

  @Field(() => NonFiniteEnum, {
    nullable: true,
    description: 'Which non-finite value it was; null when the value is finite.',
  })
  nonFinite!: NonFinite | null;

  @Field(() => Int, { description: 'The attempt that recorded the value.' })
  attempt!: number;

  @Field(() => DateTime, { description: 'When the value was recorded.' })
  at!: Date;
}

@ObjectType('MetricSeries', { description: 'The course of a metric over a run.', simpleResolvers: true })
export class MetricSeriesType {
  @Field(() => MetricDefinitionType, { description: 'The metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => [MetricPointType], {
    description:
      'The points, by step. When there are more than maxPoints, each stretch of steps is reduced to its first, last, least and greatest value, and the first that is not finite.',
  })
  points!: MetricPointType[];

  @Field(() => BigIntScalar, { description: 'How many points the series had before any were left out.' })
  pointCount!: number;

  @Field(() => Boolean, { description: 'Whether maxPoints left out points.' })
  truncated!: boolean;

  @Field(() => Int, {
    description:
      'Sequence number of the newest event that the series includes: continue from here with experimentEvents.',
  })
  lastSeq!: number;
}

@ObjectType('MetricValue', {
  description: 'A value of a metric in a run, with the newest and the best value of the metric there.',
  simpleResolvers: true,
})
export class MetricValueType {
  runUuid!: string;

  @Field(() => MetricDefinitionType, { description: 'The metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => Number, { nullable: true, description: "The value, in the metric's unit; null when it is not finite." })
  value!: number | null;

  @Field(() => NonFiniteEnum, {
    nullable: true,
    description: 'Which non-finite value it was; null when the value is finite.',
  })
  nonFinite!: NonFinite | null;

  @Field(() => Int, { description: 'The optimizer step at which the value was recorded.' })
  step!: number;

  @Field(() => Int, { description: 'The attempt that recorded the value.' })
  attempt!: number;
}

@ObjectType('MetricSample', { description: 'A value of a metric, in an event.', simpleResolvers: true })
export class MetricSampleType {
  @Field(() => String, { description: 'Key of the metric, e.g. train/loss.' })
  key!: string;

  @Field(() => MetricDefinitionType, { description: 'What the key means.' })
  definition!: MetricDefinition;

  @Field(() => Number, { nullable: true, description: "The value, in the metric's unit; null when it is not finite." })
  value!: number | null;

  @Field(() => NonFiniteEnum, {
    nullable: true,
    description: 'Which non-finite value it was; null when the value is finite.',
  })
  nonFinite!: NonFinite | null;
}

// A page shows hundreds of values and thousands of points: each is set field by field, which takes a third of the time
// of Object.assign.

export function toMetricValueType(row: MetricValueRow): MetricValueType {
  const { value, nonFinite } = toFinite(row.value);
  const shown = new MetricValueType();
  shown.runUuid = row.runId;
  shown.definition = defineMetric(row.key);
  shown.value = value;
  shown.nonFinite = nonFinite;
  shown.step = row.step;
  shown.attempt = row.attempt;
  return shown;
}

export function toMetricPointType(row: SeriesPoint): MetricPointType {
  const { value, nonFinite } = toFinite(row.value);
  const point = new MetricPointType();
  point.step = row.step;
  point.epoch = row.epoch;
  point.value = value;
  point.nonFinite = nonFinite;
  point.attempt = row.attempt;
  point.at = row.at;
  return point;
}

/** Splits a number into a form that GraphQL can carry: a finite value, or null and which non-finite value it was. */
export function toFinite(value: number): { value: number | null; nonFinite: NonFinite | null } {
  if (Number.isFinite(value)) return { value, nonFinite: null };
  if (Number.isNaN(value)) return { value: null, nonFinite: 'NAN' };
  return { value: null, nonFinite: value > 0 ? 'POSITIVE_INFINITY' : 'NEGATIVE_INFINITY' };
}

export function toMetricSampleType(sample: { key: string; value: number | null; nonFinite?: NonFinite | undefined }) {
  return Object.assign(new MetricSampleType(), {
    key: sample.key,
    definition: defineMetric(sample.key),
    value: sample.value,
    nonFinite: sample.nonFinite ?? null,
  });
}
