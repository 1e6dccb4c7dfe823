import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { rowId } from '../graphql/global-id.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { DatasetType, toDatasetType } from './dataset.type.js';
import { UpdateDatasetInput } from './update-dataset.input.js';
import type { UpdateDatasetService } from './update-dataset.service.js';

const updateDatasetResult = resultUnion(
  'UpdateDatasetResult',
  'The changed dataset; or why nothing was changed.',
  DatasetType,
);

@Resolver()
export class UpdateDatasetResolver {
  constructor(private readonly service: UpdateDatasetService) {}

  @Mutation(() => updateDatasetResult, {
    description: 'Changes name, description, tags or notes of a dataset. Its versions do not change.',
  })
  updateDataset(
    @Arg('input', () => UpdateDatasetInput, { description: 'The dataset, and what to change.' })
    input: UpdateDatasetInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Dataset', input.datasetId, ['datasetId']);
      await this.service.update(id, input);
      return toDatasetType(await loaded(loaders.datasets.byId, id));
    });
  }
}
