import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { datasetVersions, toDatasetVersionType } from '../../datasets/dataset-version.type.js';
import { toPreparationType } from '../../datasets/preparation/preparation.type.js';
import { VersionSourceType } from '../../datasets/preparation/version-preparation.resolver.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { ScoredSamplesType, toScoredSamplesType } from '../scored-samples.type.js';
import { CreateDatasetFromSamplesInput } from './sample-dataset.input.js';
import type { SampleDatasetService } from './sample-dataset.service.js';
import { createDatasetFromSamplesResult, SamplesSourceType, toSamplesSourceType } from './samples-source.type.js';

@Resolver(() => ScoredSamplesType)
export class SampleDatasetResolver {
  constructor(private readonly service: SampleDatasetService) {}

  @FieldResolver(() => datasetVersions.Connection, {
    description: 'Dataset versions that were made of its samples, newest first.',
    complexity: pageComplexity,
  })
  datasetVersions(
    @Root() { uuid }: ScoredSamplesType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.scoredSamples.versions,
      parent: uuid,
      page,
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
    });
  }

  @Mutation(() => createDatasetFromSamplesResult, {
    description:
      'Queues the making of a dataset version of scored samples: the best of each prompt, pairs of the best and the worst, or all. The same samples and input give the same version. Follow it with preparationChanged.',
  })
  createDatasetFromSamples(
    @Arg('input', () => CreateDatasetFromSamplesInput, { description: 'Of which samples, by which rules.' })
    input: CreateDatasetFromSamplesInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toPreparationType(await loaded(loaders.preparations.byId, await this.service.create(input))),
    );
  }
}

/** What a source of a version says where it is samples. */
@Resolver(() => VersionSourceType)
export class VersionSamplesSourceResolver {
  @FieldResolver(() => SamplesSourceType, {
    nullable: true,
    description: 'Of which samples the rows were made, and by which rules; null: they are from elsewhere.',
  })
  samples(@Root() { samplesReading, samplesUuid }: VersionSourceType): SamplesSourceType | null {
    return samplesReading === null ? null : toSamplesSourceType(samplesReading, samplesUuid);
  }
}

@Resolver(() => SamplesSourceType)
export class SamplesSourceResolver {
  @FieldResolver(() => ScoredSamplesType, { nullable: true, description: 'The batch; null: it was deleted since.' })
  async scoredSamples(@Root() { samplesUuid }: SamplesSourceType, @Ctx() { loaders }: GraphQLContext) {
    const row = samplesUuid === null ? null : await loaders.scoredSamples.byId.load(samplesUuid);
    return row === null ? null : toScoredSamplesType(row);
  }
}
