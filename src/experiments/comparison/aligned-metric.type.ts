import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import { defineMetric, type MetricDefinition } from '../../protocol/metric-definition.js';
import { MetricDefinitionType, type NonFinite, NonFiniteEnum, toFinite } from '../metric.type.js';
import type { MetricSeries } from '../metric-series.reads.js';
import type { SeriesPoint } from '../series/kept-points.js';
import type { Aligned, Alignment } from './align-series.js';

export const MetricAlignmentEnum = {
  STEP: 'STEP',
  EPOCH: 'EPOCH',
  EXAMPLES: 'EXAMPLES',
  RELATIVE_TIME: 'RELATIVE_TIME',
} as const satisfies { readonly [Name in Alignment]: Name };

registerEnumType(MetricAlignmentEnum, {
  name: 'MetricAlignment',
  description: 'The shared x axis of several series.',
  valuesConfig: {
    STEP: {
      description:
        'Optimizer steps done. With different batch sizes the same step has seen different amounts of data: use EPOCH or EXAMPLES.',
    },
    EPOCH: {
      description:
        "Passes over the experiment's own training split, fractions included, whatever the batch size and the amount of data.",
    },
    EXAMPLES: {
      description:
        'Training examples seen, repetitions included: epochs × rows of the training split, rounded. Comparable across batch sizes and datasets.',
    },
    RELATIVE_TIME: {
      description:
        'Seconds from the first start of the run until the value was recorded, including pauses, waiting and repeated work.',
    },
  },
});

@ObjectType('NonFiniteAt', { description: 'A value that is not finite, in a list of values.', simpleResolvers: true })
export class NonFiniteAtType {
  @Field(() => Int, { description: "The value's position in the list, from 0." })
  index!: number;

  @Field(() => NonFiniteEnum, { description: 'Which non-finite value it was.' })
  value!: NonFinite;
}

@ObjectType('AlignedLine', {
  description: "One experiment's values of a metric on the shared axis.",
  simpleResolvers: true,
})
export class AlignedLineType {
  @Field(() => [Number], {
    nullable: 'items',
    description:
      "The metric's value at each x, in its unit; null where the experiment recorded none, where maxPoints left the value out, and where the value is not finite. Draw the line across the gaps.",
  })
  values!: (number | null)[];

  @Field(() => [NonFiniteAtType], { description: 'The positions of the nulls that are values which are not finite.' })
  nonFinite!: NonFiniteAtType[];

  @Field(() => BigIntScalar, {
    description:
      'How many points the series had before any were left out; 0 when the experiment never recorded the metric.',
  })
  pointCount!: number;

  @Field(() => Boolean, { description: 'Whether maxPoints left out points. The extremes are always kept.' })
  truncated!: boolean;

  @Field(() => Int, {
    description: 'Sequence number of the newest event that the series includes; 0 when there is none.',
  })
  lastSeq!: number;
}

@ObjectType('AlignedMetric', {
  description: 'The course of a metric in several experiments on one axis, in a form that chart libraries accept.',
  simpleResolvers: true,
})
export class AlignedMetricType {
  @Field(() => MetricDefinitionType, { description: 'The metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => [Number], {
    description:
      'All x at which some experiment has a point, in ascending order. An x is repeated where an experiment has several points at it.',
  })
  x!: readonly number[];

  @Field(() => [AlignedLineType], { description: 'One line for each experiment, in the order of the request.' })
  lines!: AlignedLineType[];
}

/** @param series of each line; null: the experiment never recorded the metric */
export function toAlignedMetricType(
  key: string,
  { x, lines }: Aligned<SeriesPoint>,
  series: readonly (MetricSeries | null)[],
): AlignedMetricType {
  return Object.assign(new AlignedMetricType(), {
    definition: defineMetric(key),
    x,
    lines: lines.map((points, index) => toAlignedLineType(points, series[index]!)),
  });
}

function toAlignedLineType(points: readonly (SeriesPoint | null)[], series: MetricSeries | null): AlignedLineType {
  const finite = points.map((point) => (point === null ? null : toFinite(point.value)));
  const pointCount = series?.pointCount ?? 0;
  return Object.assign(new AlignedLineType(), {
    values: finite.map((each) => each?.value ?? null),
    nonFinite: finite.flatMap((each, index) => (each?.nonFinite ? [{ index, value: each.nonFinite }] : [])),
    pointCount,
    truncated: pointCount > (series?.points.length ?? 0),
    lastSeq: series?.lastSeq ?? 0,
  });
}
