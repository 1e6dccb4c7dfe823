import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { ProjectType } from '../projects/project.type.js';
import { modelExports, toModelExportType } from './model-export.type.js';
import { modelImports, toModelImportType } from './model-import.type.js';

@Resolver(() => ProjectType)
export class ProjectTransfersResolver {
  @FieldResolver(() => modelImports.Connection, {
    description: 'Imports of models, newest first.',
    complexity: pageComplexity,
  })
  modelImports(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.importsOfProject,
      parent: project.uuid,
      page,
      toNode: toModelImportType,
      toConnection: modelImports.toConnection,
    });
  }

  @FieldResolver(() => modelExports.Connection, {
    description: 'Exports of models, newest first.',
    complexity: pageComplexity,
  })
  modelExports(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.exportsOfProject,
      parent: project.uuid,
      page,
      toNode: toModelExportType,
      toConnection: modelExports.toConnection,
    });
  }
}
