import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../../../datasets/dataset-version.type.js';
import { existing } from '../../../graphql/load-row.js';
import { ControlTextsType } from './type.js';

@Resolver(() => ControlTextsType)
export class ControlTextsResolver {
  @FieldResolver(() => DatasetVersionType, { description: 'The data that they are in.' })
  async datasetVersion(
    @Root() { versionUuid }: ControlTextsType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, versionUuid));
  }
}
