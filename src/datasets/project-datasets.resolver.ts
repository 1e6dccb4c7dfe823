import { Arg, Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { ProjectType } from '../projects/project.type.js';
import type { Query } from '../protocol/sql/query.js';
import { datasetByName } from './dataset.reads.js';
import { DatasetType, datasets, toDatasetType } from './dataset.type.js';
import { DatasetListArgs, datasetListing } from './dataset-list.args.js';

@Resolver(() => ProjectType)
export class ProjectDatasetsResolver {
  constructor(private readonly query: Query) {}

  @FieldResolver(() => datasets.Connection, {
    description: 'Datasets of the project, newest first.',
    complexity: pageComplexity,
  })
  datasets(
    @Root() project: ProjectType,
    @Args(() => DatasetListArgs) page: DatasetListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.ofProject,
      parent: project.uuid,
      page,
      listing: datasetListing(page),
      toNode: toDatasetType,
      toConnection: datasets.toConnection,
    });
  }

  @FieldResolver(() => DatasetType, {
    nullable: true,
    description: 'A dataset by name; null when the project has none of this name.',
  })
  async dataset(
    @Root() project: ProjectType,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<DatasetType | null> {
    const row = await datasetByName(this.query, project.uuid, name);
    return row === null ? null : toDatasetType(row);
  }
}
