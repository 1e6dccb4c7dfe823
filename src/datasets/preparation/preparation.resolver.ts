import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { followed } from '../../graphql/followed.js';
import { rowId } from '../../graphql/global-id.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { ProjectType } from '../../projects/project.type.js';
import { DatasetVersionType, toDatasetVersionType } from '../dataset-version.type.js';
import { PreparationActionInput, PrepareDatasetInput, PreviewPreparationInput } from './preparation.input.js';
import type { PreparationRow } from './preparation.reads.js';
import type { PreparationService } from './preparation.service.js';
import {
  cancelPreparationResult,
  PreparationType,
  preparations,
  prepareDatasetResult,
  toPreparationType,
} from './preparation.type.js';
import { previewPreparationResult, toPreviewType } from './preparation-preview.type.js';

@Resolver(() => PreparationType)
export class PreparationResolver {
  constructor(private readonly service: PreparationService) {}

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: 'The version that was made; null until then, and if it was deleted since.',
  })
  async datasetVersion(
    @Root() { datasetVersionUuid }: PreparationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType | null> {
    if (datasetVersionUuid === null) return null;
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @Query(() => previewPreparationResult, {
    description:
      'Tries a recipe on a sample of the rows: for each step counts, and examples before and after. Stores nothing.',
  })
  previewPreparation(
    @Arg('input', () => PreviewPreparationInput, { description: 'The rows, and the recipe.' })
    input: PreviewPreparationInput,
  ) {
    return orProblems(async () => {
      const { preview, recipe } = await this.service.preview(input);
      return toPreviewType(preview, recipe);
    });
  }

  @Mutation(() => prepareDatasetResult, {
    description:
      'Queues the making of a dataset version: rows of files and versions, taken through a recipe. Follow it with preparationChanged.',
  })
  prepareDataset(
    @Arg('input', () => PrepareDatasetInput, { description: 'What to make, of which rows, by which steps.' })
    input: PrepareDatasetInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toPreparationType(await loaded(loaders.preparations.byId, await this.service.prepare(input))),
    );
  }

  @Mutation(() => cancelPreparationResult, {
    description:
      'Cancels a preparation. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelPreparation(
    @Arg('input', () => PreparationActionInput, { description: 'Which one.' }) input: PreparationActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Preparation', input.preparationId, ['preparationId']);
      await this.service.cancel(id);
      return toPreparationType(await loaded(loaders.preparations.byId, id));
    });
  }

  @Subscription(() => PreparationType, {
    description:
      'A preparation as it is now, then after each change. The subscription completes when the preparation has ended.',
    subscribe: ({ args, context }: { args: { preparationId: string }; context: GraphQLContext }) =>
      followed('Preparation', args.preparationId, context.loaders.preparations.byId, context.live.preparation),
  })
  preparationChanged(
    @Root() row: PreparationRow,
    @Arg('preparationId', () => ID, { description: 'The preparation.' }) _preparationId: string,
  ): PreparationType {
    return toPreparationType(row);
  }
}

@Resolver(() => ProjectType)
export class ProjectPreparationsResolver {
  @FieldResolver(() => preparations.Connection, {
    description: 'Preparations of dataset versions, newest first.',
    complexity: pageComplexity,
  })
  preparations(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.preparations.ofProject,
      parent: project.uuid,
      page,
      toNode: toPreparationType,
      toConnection: preparations.toConnection,
    });
  }
}
