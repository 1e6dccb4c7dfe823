import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { ProjectType } from '../projects/project.type.js';
import type { Query } from '../protocol/sql/query.js';
import { baseModelByName } from './base-model.reads.js';
import { BaseModelType, baseModels, toBaseModelType } from './base-model.type.js';
import { BaseModelListArgs, baseModelListing } from './base-model-list.args.js';

@Resolver(() => ProjectType)
export class ProjectModelsResolver {
  constructor(private readonly query: Query) {}

  @FieldResolver(() => baseModels.Connection, {
    description: 'Models that experiments can start from, those produced here included; newest first.',
    complexity: pageComplexity,
  })
  baseModels(
    @Root() project: ProjectType,
    @Args(() => BaseModelListArgs) page: BaseModelListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.baseModels.ofProject,
      parent: project.uuid,
      page,
      listing: baseModelListing(page),
      toNode: toBaseModelType,
      toConnection: baseModels.toConnection,
    });
  }

  @FieldResolver(() => BaseModelType, { nullable: true, description: 'A model by name; null when there is none.' })
  async baseModel(
    @Root() project: ProjectType,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<BaseModelType | null> {
    const row = await baseModelByName(this.query, project.uuid, name);
    return row === null ? null : toBaseModelType(row);
  }
}
