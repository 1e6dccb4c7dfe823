import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { BaseModelType } from '../models/base-model.type.js';
import { evaluations, toEvaluationType } from './evaluation.type.js';
import { EvaluationListArgs, evaluationListing } from './evaluation-list.args.js';

@Resolver(() => BaseModelType)
export class ModelEvaluationsResolver {
  @FieldResolver(() => evaluations.Connection, {
    description: 'Its evaluations, newest first.',
    complexity: pageComplexity,
  })
  evaluations(
    @Root() model: BaseModelType,
    @Args(() => EvaluationListArgs) page: EvaluationListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.evaluations.ofModel,
      parent: model.uuid,
      page,
      listing: evaluationListing(page),
      toNode: toEvaluationType,
      toConnection: evaluations.toConnection,
    });
  }
}
