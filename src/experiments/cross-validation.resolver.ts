import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { groupBy } from '../database/group-by.js';
import { rowId } from '../graphql/global-id.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { defineMetric } from '../protocol/metric-definition.js';
import { CreateFoldExperimentsInput } from './cross-validation.input.js';
import { spreadOf } from './cross-validation.js';
import {
  CrossValidatedMetricType,
  CrossValidationFoldType,
  CrossValidationType,
  createFoldExperimentsResult,
} from './cross-validation.type.js';
import type { ExperimentService } from './experiment.service.js';
import { ExperimentType, toExperimentType } from './experiment.type.js';

/** A cross-validation has at most as many experiments; a metric is made from one value of each. */
const usualFolds = 10;

@Resolver(() => ExperimentType)
export class ExperimentFoldsResolver {
  constructor(private readonly experiments: ExperimentService) {}

  @Mutation(() => createFoldExperimentsResult, {
    description:
      'Cross-validates an experiment: creates a clone of it for each fold of its training split, all of them or none, and queues their runs. Returns the experiment itself, whose `crossValidations` lead to them.',
  })
  createFoldExperiments(
    @Arg('input', () => CreateFoldExperimentsInput, { description: 'The experiment, and the column of folds.' })
    input: CreateFoldExperimentsInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Experiment', input.experimentId, ['experimentId']);
      await this.experiments.createFolds(id, input);
      return toExperimentType(await loaded(loaders.experiments.byId, id));
    });
  }

  @FieldResolver(() => [CrossValidationType], {
    description:
      'The cross-validations of the experiment that createFoldExperiments made, by the names of their columns of folds. Empty without any.',
    complexity: ({ childComplexity }) => 1 + childComplexity,
  })
  async crossValidations(
    @Root() experiment: ExperimentType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<CrossValidationType[]> {
    const rows = await loaders.experiments.folds.load(experiment.uuid);
    return [...groupBy(rows, (row) => row.spec.heldOut!.fold!.column)].map(([foldColumn, own]) => {
      const folds = own.map((row) =>
        Object.assign(new CrossValidationFoldType(), {
          number: row.spec.heldOut!.fold!.number,
          experiment: toExperimentType(row),
        }),
      );
      return Object.assign(new CrossValidationType(), { foldColumn, folds });
    });
  }
}

@Resolver(() => CrossValidationType)
export class CrossValidationResolver {
  @FieldResolver(() => [CrossValidatedMetricType], {
    description:
      'Metrics on the held-out folds, sorted by key: of experiments that have succeeded, their newest values, so that no value is chosen by the rows that it was measured on.',
    complexity: ({ args, childComplexity }) => 1 + (args.keys?.length ?? usualFolds) * childComplexity,
  })
  async metrics(
    @Root() { folds }: CrossValidationType,
    @Arg('keys', () => [String], { nullable: true, description: 'Only these metrics. Default: all of validation.' })
    keys: string[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<CrossValidatedMetricType[]> {
    const ended = folds.filter(({ experiment }) => experiment.status === 'SUCCEEDED');
    const points = await Promise.all(
      ended.map(({ experiment }) => loaders.experiments.latestMetrics.load(experiment.runUuid)),
    );
    const wanted = points.flat().filter(({ key, value }) => {
      const isAsked = keys == null ? defineMetric(key).split === 'validation' : keys.includes(key);
      return isAsked && Number.isFinite(value);
    });
    return [...groupBy(wanted, ({ key }) => key)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, own]) => {
        const values = own.map(({ value }) => value);
        const definition = defineMetric(key);
        return Object.assign(new CrossValidatedMetricType(), {
          definition,
          ...spreadOf(values),
          experimentCount: values.length,
        });
      });
  }
}
