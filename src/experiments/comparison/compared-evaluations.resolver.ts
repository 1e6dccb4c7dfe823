import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../../datasets/dataset-version.type.js';
import { existing } from '../../graphql/load-row.js';
import { ComparedEvaluationsType } from './evaluation-comparison.type.js';

@Resolver(() => ComparedEvaluationsType)
export class ComparedEvaluationsResolver {
  @FieldResolver(() => DatasetVersionType, { description: 'The data that the models were scored on.' })
  async datasetVersion(
    @Root() compared: ComparedEvaluationsType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, compared.datasetVersionUuid));
  }
}
