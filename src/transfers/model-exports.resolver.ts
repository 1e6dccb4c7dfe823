import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { BaseModelType } from '../models/base-model.type.js';
import { modelExports, toModelExportType } from './model-export.type.js';

@Resolver(() => BaseModelType)
export class ModelExportsResolver {
  @FieldResolver(() => modelExports.Connection, {
    description: 'Exports of the model, newest first.',
    complexity: pageComplexity,
  })
  exports(@Root() model: BaseModelType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.exportsOfModel,
      parent: model.uuid,
      page,
      toNode: toModelExportType,
      toConnection: modelExports.toConnection,
    });
  }
}
