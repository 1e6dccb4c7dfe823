import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../../../datasets/dataset-version.type.js';
import { existing } from '../../../graphql/load-row.js';
import { ControlPreferencesType } from './type.js';

@Resolver(() => ControlPreferencesType)
export class ControlPreferencesResolver {
  @FieldResolver(() => DatasetVersionType, { description: 'The data that they are in.' })
  async datasetVersion(
    @Root() { versionUuid }: ControlPreferencesType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, versionUuid));
  }
}
