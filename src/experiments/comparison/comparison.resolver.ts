import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext, Loaders } from '../../access/context.js';
import { checkRange } from '../../graphql/check-range.js';
import { existing } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import type { ExperimentRow } from '../experiment.reads.js';
import { maxMaxPoints, seriesComplexity } from '../experiment-metrics.resolver.js';
import { fewestPoints, type MetricSeries } from '../metric-series.reads.js';
import { type AlignedRun, type Alignment, alignSeries, positionOf } from './align-series.js';
import { AlignedMetricType, MetricAlignmentEnum, toAlignedMetricType } from './aligned-metric.type.js';
import { compareEvaluations } from './compare-evaluations.js';
import { compareExperimentsResult, ExperimentComparisonType, toExperimentComparisonType } from './comparison.type.js';
import { comparedConfiguration } from './configuration.js';
import { ComparedEvaluationsType, toComparedEvaluationsType } from './evaluation-comparison.type.js';
import { MetricComparisonType, toMetricComparisonType } from './metric-comparison.type.js';
import { mostCompared, requireComparable } from './require-comparable.js';
import { ConfigurationDifferenceType } from './setting.type.js';

@Resolver(() => ExperimentComparisonType)
export class ComparisonResolver {
  @Query(() => compareExperimentsResult, {
    description:
      'Compares experiments of one project side by side: settings, metrics and evaluations. Changes nothing.',
    complexity: ({ args, childComplexity }) => 1 + args.ids.length * childComplexity,
  })
  compareExperiments(
    @Arg('ids', () => [ID], {
      description: `Ids of 2 to ${mostCompared} different experiments of one project. The first is the baseline.`,
    })
    ids: string[],
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toExperimentComparisonType(await requireComparable(loaders.experiments.byId, ids, viewer)),
    );
  }

  @FieldResolver(() => [ConfigurationDifferenceType], {
    description: "The experiments' settings side by side, in the first one's order.",
    complexity: ({ args, childComplexity }) => 1 + (args.onlyDifferences ? 10 : 40) * childComplexity,
  })
  configuration(
    @Root() { rows }: ExperimentComparisonType,
    @Arg('onlyDifferences', () => Boolean, {
      defaultValue: true,
      description: 'Whether to leave out settings that are the same in all experiments.',
    })
    onlyDifferences: boolean,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ConfigurationDifferenceType[]> {
    return comparedConfiguration(rows, loaders, onlyDifferences);
  }

  @FieldResolver(() => [AlignedMetricType], {
    description:
      "The course of the experiments' metrics on one axis, sorted by key. Each series is thinned separately and keeps its extremes; for each step the highest attempt counts.",
    complexity: seriesComplexity,
  })
  async metricSeries(
    @Root() { rows }: ExperimentComparisonType,
    @Arg('keys', () => [String], { nullable: true, description: 'Only these metrics, e.g. train/loss. Default: all.' })
    keys: string[] | null,
    @Arg('maxPoints', () => Int, {
      defaultValue: 500,
      description: `Most points of one experiment's series, from ${fewestPoints} to ${maxMaxPoints}. The extremes are kept.`,
    })
    maxPoints: number,
    @Arg('alignBy', () => MetricAlignmentEnum, { defaultValue: 'STEP', description: 'The quantity on the x axis.' })
    alignBy: Alignment,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<AlignedMetricType[]> {
    const args = {
      keys: keys ?? null,
      maxPoints: checkRange('maxPoints', maxPoints, fewestPoints, maxMaxPoints),
      attempt: null,
    };
    const [series, runs] = await Promise.all([
      Promise.all(rows.map(({ runId }) => loaders.experiments.series.load({ runId, args }))),
      Promise.all(rows.map((row) => alignedRun(row, loaders, alignBy))),
    ]);
    return keysOf(series).map((key) => {
      const ofKey = series.map((each) => each.find((one) => one.key === key) ?? null);
      const aligned = alignSeries(
        ofKey.map((each) => each?.points ?? []),
        (point, index) => positionOf(alignBy, runs[index]!, point),
      );
      return toAlignedMetricType(key, aligned, ofKey);
    });
  }

  @FieldResolver(() => [MetricComparisonType], {
    description: "The newest and the best value of each of the experiments' metrics, sorted by key.",
    complexity: ({ args, childComplexity }) => 1 + (args.keys?.length ?? 10) * childComplexity,
  })
  async summary(
    @Root() { rows, experiments }: ExperimentComparisonType,
    @Arg('keys', () => [String], {
      nullable: true,
      description: 'Only these metrics, e.g. validation/f1. Default: all.',
    })
    keys: string[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<MetricComparisonType[]> {
    const args = { keys: keys ?? null, maxPoints: fewestPoints, attempt: null };
    const [series, newest] = await Promise.all([
      Promise.all(rows.map(({ runId }) => loaders.experiments.series.load({ runId, args }))),
      Promise.all(rows.map(({ runId }) => loaders.experiments.latestMetrics.load(runId))),
    ]);
    return keysOf(series).map((key) =>
      toMetricComparisonType(
        key,
        series.map((each, index) => ({
          newest: newest[index]!.find((point) => point.key === key) ?? null,
          extremes: each.find((one) => one.key === key) ?? null,
        })),
        experiments,
      ),
    );
  }

  @FieldResolver(() => [ComparedEvaluationsType], {
    description:
      'Comparable evaluations of the models that the experiments produced. The groups with most experiments come first.',
    complexity: ({ childComplexity }) => 1 + 5 * childComplexity,
  })
  async evaluations(
    @Root() { rows, experiments }: ExperimentComparisonType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ComparedEvaluationsType[]> {
    const runIds = rows.map(({ runId }) => runId);
    const found = await Promise.all(runIds.map((runId) => loaders.evaluations.newestOfRun.load(runId)));
    const newestFirst = found.flat().sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    return compareEvaluations(newestFirst, runIds).map((each) => toComparedEvaluationsType(each, experiments));
  }
}

/** The size of the training split is looked up only where the axis needs it. */
async function alignedRun(
  { startedAt, datasetVersionId, spec }: ExperimentRow,
  loaders: Loaders,
  alignment: Alignment,
): Promise<AlignedRun> {
  if (alignment !== 'EXAMPLES') return { startedAt, trainingExamples: 0 };
  const { splits } = await existing(loaders.datasets.versionById, datasetVersionId);
  return { startedAt, trainingExamples: splits.find(({ name }) => name === spec.trainSplit)?.exampleCount ?? 0 };
}

function keysOf(series: readonly (readonly MetricSeries[])[]): string[] {
  return [...new Set(series.flatMap((each) => each.map(({ key }) => key)))].sort();
}
