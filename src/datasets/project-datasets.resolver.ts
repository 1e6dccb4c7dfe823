import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { ProjectType } from '../projects/project.type.js';
import type { Query } from '../protocol/sql/query.js';
import { datasetByName } from './dataset.reads.js';
import { DatasetType, datasets, toDatasetType } from './dataset.type.js';
import { DatasetListArgs, datasetListing } from './dataset-list.args.js';
import { datasetVersions, toDatasetVersionType } from './dataset-version.type.js';
import { DatasetVersionFilter, versionConditions } from './version-filter.input.js';

@ArgsType()
class DatasetVersionListArgs extends PageArgs {
  @Field(() => DatasetVersionFilter, {
    nullable: true,
    description: 'Only versions that match this filter. Default: all.',
  })
  filter?: DatasetVersionFilter | null;
}

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

  @FieldResolver(() => datasetVersions.Connection, {
    description: 'Versions of all its datasets, newest first. The filter finds what was made from an uploaded file.',
    complexity: pageComplexity,
  })
  datasetVersions(
    @Root() project: ProjectType,
    @Args(() => DatasetVersionListArgs) page: DatasetVersionListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.versionsOfProject,
      parent: project.uuid,
      page,
      listing: { where: versionConditions(page.filter ?? {}) },
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
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
