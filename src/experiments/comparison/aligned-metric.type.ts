import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import { defineMetric, type MetricDefinition } from '../../protocol/metric-definition.js';
import { MetricDefinitionType, type NonFinite, NonFiniteEnum, toFinite } from '../metric.type.js';
import type { MetricSeriesRow } from '../metric-series.reads.js';
import type { Aligned, Alignment } from './align-series.js';

export const MetricAlignmentEnum = {
  STEP: 'STEP',
  EPOCH: 'EPOCH',
  EXAMPLES: 'EXAMPLES',
  RELATIVE_TIME: 'RELATIVE_TIME',
} as const satisfies { readonly [Name in Alignment]: Name };

registerEnumType(MetricAlignmentEnum, {
  name: 'MetricAlignment',
  description: 'What series are put side by side by: the shared x axis.',
  valuesConfig: {
    STEP: {
      description:
        'Optimizer steps done. With different batch sizes the same step has seen different amounts of data: use EPOCH or EXAMPLES.',
    },
    EPOCH: {
      description:
        'Passes over the own training split, fractions included, whatever the batch size and the amount of data.',
    },
    EXAMPLES: {
      description:
        'Training examples passed, repeats counted: epochs × rows of the training split, rounded. Comparable across batch sizes and datasets.',
    },
    RELATIVE_TIME: {
      description:
        'Seconds from the first start of the run to when the value was recorded, pauses, waiting and repeated work included.',
    },
  },
});

@ObjectType('NonFiniteAt', { description: 'A value that is not finite, in a list of values.', simpleResolvers: true })
export class NonFiniteAtType {
  @Field(() => Int, { description: 'Its position in the list, from 0.' })
  index!: number;

  @Field(() => NonFiniteEnum, { description: 'What it was.' })
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
      "Its value at each x, in the metric's unit; null where it recorded none, where its value was left out because of maxPoints, and where the value is not finite. Draw the line across the gaps.",
  })
  values!: (number | null)[];

  @Field(() => [NonFiniteAtType], { description: 'Which of the nulls are values that are not finite.' })
  nonFinite!: NonFiniteAtType[];

  @Field(() => BigIntScalar, {
    description: 'Its points before any were left out; 0 when it never recorded the metric.',
  })
  pointCount!: number;

  @Field(() => Boolean, { description: 'Whether points were left out because of maxPoints. Its extremes never are.' })
  truncated!: boolean;

  @Field(() => Int, { description: 'Sequence number of the newest event it includes; 0 when there is none.' })
  lastSeq!: number;
}

@ObjectType('AlignedMetric', {
  description: 'The course of a metric in several experiments, on one axis: what a chart library takes.',
  simpleResolvers: true,
})
export class AlignedMetricType {
  @Field(() => MetricDefinitionType, { description: 'Which metric, and what it means.' })
  definition!: MetricDefinition;

  @Field(() => [Number], {
    description:
      'Ascending: every x at which some experiment has a point. The same x comes several times where one has several points.',
  })
  x!: readonly number[];

  @Field(() => [AlignedLineType], { description: 'One an experiment, in the order they were asked for.' })
  lines!: AlignedLineType[];
}

export function toAlignedMetricType(key: string, { x, lines }: Aligned<MetricSeriesRow>): AlignedMetricType {
  return Object.assign(new AlignedMetricType(), {
    definition: defineMetric(key),
    x,
    lines: lines.map(toAlignedLineType),
  });
}

function toAlignedLineType(points: readonly (MetricSeriesRow | null)[]): AlignedLineType {
  const own = points.filter((point) => point !== null);
  const finite = points.map((point) => (point === null ? null : toFinite(point.value)));
  const pointCount = own[0]?.pointCount ?? 0;
  return Object.assign(new AlignedLineType(), {
    values: finite.map((each) => each?.value ?? null),
    nonFinite: finite.flatMap((each, index) => (each?.nonFinite ? [{ index, value: each.nonFinite }] : [])),
    pointCount,
    truncated: pointCount > own.length,
    lastSeq: own[0]?.lastSeq ?? 0,
  });
}
