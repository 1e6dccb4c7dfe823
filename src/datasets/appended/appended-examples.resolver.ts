import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { rowId } from '../../graphql/global-id.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { DatasetType, toDatasetType } from '../dataset.type.js';
import { PreparationType, toPreparationType } from '../preparation/preparation.type.js';
import { AppendExamplesInput, DiscardAppendedExamplesInput } from './append-examples.input.js';
import type { AppendExamplesService } from './append-examples.service.js';
import {
  AppendedExamplesType,
  AppendedExampleType,
  appendExamplesResult,
  appendedExamples,
  DiscardedExamplesType,
  discardAppendedExamplesResult,
  toAppendedExampleType,
} from './appended-examples.type.js';

@Resolver()
export class AppendExamplesResolver {
  constructor(private readonly service: AppendExamplesService) {}

  @Mutation(() => appendExamplesResult, {
    description:
      'Appends up to 1,000 examples to a dataset, all or none. They wait until prepareDataset makes a version with them (`sources: [{ appended: … }]`).',
  })
  appendExamples(
    @Arg('input', () => AppendExamplesInput, { description: 'The dataset, and the examples.' })
    input: AppendExamplesInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { datasetId, firstNumber, lastNumber } = await this.service.append(input);
      const dataset = toDatasetType(await loaded(loaders.datasets.byId, datasetId));
      const count = lastNumber - firstNumber + 1;
      return Object.assign(new AppendedExamplesType(), { dataset, count, firstNumber, lastNumber });
    });
  }

  @Mutation(() => discardAppendedExamplesResult, {
    description:
      'Discards appended examples that wait: all of a dataset, or those of some numbers. Discarding them again changes nothing.',
  })
  discardAppendedExamples(
    @Arg('input', () => DiscardAppendedExamplesInput, { description: 'Which ones.' })
    input: DiscardAppendedExamplesInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const datasetId = rowId('Dataset', input.datasetId, ['datasetId']);
      const count = await this.service.discard(datasetId, input);
      const dataset = toDatasetType(await loaded(loaders.datasets.byId, datasetId));
      return Object.assign(new DiscardedExamplesType(), { dataset, count });
    });
  }
}

@Resolver(() => DatasetType)
export class DatasetAppendedExamplesResolver {
  @FieldResolver(() => appendedExamples.Connection, {
    description: 'Examples that were appended and are in no version yet, in their order.',
    complexity: pageComplexity,
  })
  appendedExamples(
    @Root() { uuid }: DatasetType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.appendedExamples,
      parent: uuid,
      page,
      toNode: toAppendedExampleType,
      toConnection: appendedExamples.toConnection,
    });
  }
}

@Resolver(() => AppendedExampleType)
export class AppendedExampleResolver {
  @FieldResolver(() => PreparationType, {
    nullable: true,
    description: 'The preparation that makes a version of it; null: it waits. Should that fail, it waits again.',
  })
  async preparation(
    @Root() { preparationUuid }: AppendedExampleType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<PreparationType | null> {
    if (preparationUuid === null) return null;
    return toPreparationType(await existing(loaders.preparations.byId, preparationUuid));
  }
}
