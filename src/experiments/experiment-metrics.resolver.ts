import type { GraphQLResolveInfo } from 'graphql';
import type { ComplexityEstimator } from 'graphql-query-complexity';
import { Arg, Ctx, Extensions, FieldResolver, Info, Int, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { checkRange } from '../graphql/check-range.js';
import { forAll, forOne } from '../graphql/execution/for-all.js';
import { selectedFields } from '../graphql/selected-fields.js';
import { defineMetric } from '../protocol/metric-definition.js';
import { ExperimentType } from './experiment.type.js';
import type { MetricValueRow } from './metric.reads.js';
import {
  MetricPointType,
  MetricSeriesType,
  MetricValueType,
  toMetricPointType,
  toMetricValueType,
} from './metric.type.js';
import type { MetricSeries } from './metric-series.reads.js';

const defaultMaxPoints = 500;
export const maxMaxPoints = 10_000;
/** Points are small and come with one statement: a hundred of them cost about as much as one object. */
const pointsPerComplexity = 100;

/** Complexity of a field with the arguments `keys` and `maxPoints`. */
export const seriesComplexity: ComplexityEstimator = ({ args, childComplexity }) =>
  1 + (args.keys?.length ?? 10) * Math.ceil(args.maxPoints / pointsPerComplexity) * childComplexity;

@Resolver(() => ExperimentType)
export class ExperimentMetricsResolver {
  @FieldResolver(() => [MetricSeriesType], {
    description:
      "The course of the experiment's metrics, sorted by key. For each step the highest attempt that recorded it counts, unless `attempt` names another.",
    complexity: seriesComplexity,
  })
  async metricSeries(
    @Root() experiment: ExperimentType,
    @Arg('keys', () => [String], { nullable: true, description: 'Only these metrics, e.g. train/loss. Default: all.' })
    keys: string[] | null,
    @Arg('maxPoints', () => Int, {
      defaultValue: defaultMaxPoints,
      description: `Most points of a series, from 10 to ${maxMaxPoints}. The extremes are kept.`,
    })
    maxPoints: number,
    @Arg('attempt', () => Int, {
      nullable: true,
      description: 'Only points of this attempt, superseded ones included.',
    })
    attempt: number | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<MetricSeriesType[]> {
    const series = await loaders.experiments.series.load({
      runId: experiment.runUuid,
      args: {
        keys: keys ?? null,
        maxPoints: checkRange('maxPoints', maxPoints, 10, maxMaxPoints),
        attempt: attempt ?? null,
      },
    });
    return series.map(toMetricSeriesType);
  }

  @Extensions(forAll(summariesOf))
  @FieldResolver(() => [MetricValueType], {
    description: "The newest value of each of the experiment's metrics, sorted by key; `best` is the best one.",
    complexity: ({ args, childComplexity }) => 1 + (args.keys?.length ?? 10) * childComplexity,
  })
  summary(
    @Root() experiment: ExperimentType,
    @Arg('keys', () => [String], {
      nullable: true,
      description: 'Only these metrics, e.g. validation/f1. Default: all.',
    })
    keys: string[] | null,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<MetricValueType[]> {
    return forOne(summariesOf, experiment, { keys }, context, info);
  }
}

@Resolver(() => MetricValueType)
export class MetricValueResolver {
  @FieldResolver(() => MetricPointType, {
    description: "The metric's newest value in the run: at the highest step of the highest attempt that recorded it.",
  })
  async newest(@Root() { runUuid, definition }: MetricValueType, @Ctx() { loaders }: GraphQLContext) {
    const rows = await loaders.experiments.latestMetrics.load(runUuid);
    return toMetricPointType(rows.find(({ key }) => key === definition.key)!);
  }

  @FieldResolver(() => MetricPointType, {
    nullable: true,
    description:
      "The metric's best finite value in the run by its direction, without values of a step that a later attempt recorded anew; of equal ones, the earliest. Null when there is none, or the metric has no direction.",
    complexity: ({ childComplexity }) => 2 + childComplexity,
  })
  async best(@Root() { runUuid, definition }: MetricValueType, @Ctx() { loaders }: GraphQLContext) {
    const best = await loaders.experiments.bestMetrics.load({ runId: runUuid, key: definition.key });
    return best === null ? null : toMetricPointType(best);
  }
}

function toMetricSeriesType({ key, points, pointCount, lastSeq }: MetricSeries): MetricSeriesType {
  return Object.assign(new MetricSeriesType(), {
    definition: defineMetric(key),
    points: points.map(toMetricPointType),
    pointCount,
    truncated: pointCount > points.length,
    lastSeq,
  });
}

async function summariesOf(
  sources: readonly ExperimentType[],
  { keys }: { readonly keys?: readonly string[] | null },
  { loaders }: GraphQLContext,
  info: GraphQLResolveInfo,
): Promise<readonly MetricValueType[][]> {
  const { latestMetrics, latestValues } = loaders.experiments;
  const runIds = sources.map(({ runUuid }) => runUuid);
  // The newest points come with the values where they are selected.
  const ofRuns: readonly (readonly MetricValueRow[])[] = selectedFields(info).has('newest')
    ? await latestMetrics.loadAll(runIds)
    : await latestValues.loadAll(runIds);
  return ofRuns.map((rows) =>
    (keys == null ? rows : rows.filter(({ key }) => keys.includes(key))).map(toMetricValueType),
  );
}
