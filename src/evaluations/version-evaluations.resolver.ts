import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { evaluations, toEvaluationType } from './evaluation.type.js';
import { EvaluationListArgs, evaluationListing } from './evaluation-list.args.js';

@Resolver(() => DatasetVersionType)
export class VersionEvaluationsResolver {
  @FieldResolver(() => evaluations.Connection, {
    description: 'Evaluations of models on its examples, newest first.',
    complexity: pageComplexity,
  })
  evaluations(
    @Root() version: DatasetVersionType,
    @Args(() => EvaluationListArgs) page: EvaluationListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.evaluations.onVersion,
      parent: version.uuid,
      page,
      listing: evaluationListing(page),
      toNode: toEvaluationType,
      toConnection: evaluations.toConnection,
    });
  }
}
