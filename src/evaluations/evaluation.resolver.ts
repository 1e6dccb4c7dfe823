import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { EvaluateInput } from './evaluation.input.js';
import type { EvaluationService } from './evaluation.service.js';
import { EvaluationType, evaluateResult, toEvaluationType } from './evaluation.type.js';

@Resolver(() => EvaluationType)
export class EvaluationResolver {
  constructor(private readonly evaluations: EvaluationService) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that is scored.' })
  async model(@Root() evaluation: EvaluationType, @Ctx() { loaders }: GraphQLContext): Promise<BaseModelType> {
    return toBaseModelType(await existing(loaders.baseModels.byId, evaluation.baseModelUuid));
  }

  @FieldResolver(() => DatasetVersionType, { description: 'The data that it is scored on.' })
  async datasetVersion(
    @Root() evaluation: EvaluationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, evaluation.datasetVersionUuid));
  }

  @Mutation(() => evaluateResult, {
    description: 'Queues the scoring of a model on a split. Never waits for a training run.',
  })
  evaluate(
    @Arg('input', () => EvaluateInput, { description: 'The model, and what to score it on.' }) input: EvaluateInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toEvaluationType(await loaded(loaders.evaluations.byId, await this.evaluations.evaluate(input))),
    );
  }
}
