import { Args, Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { globalId } from '../../graphql/global-id.js';
import { BigIntScalar, Sha256Scalar } from '../../graphql/scalars.js';
import { DatasetVersionType, datasetVersions, toDatasetVersionType } from '../dataset-version.type.js';
import type { VersionSourceRow } from './preparation.reads.js';
import { StepReportType, toStepReports } from './step-report.type.js';

@ObjectType('VersionSource', {
  description:
    'Rows that a dataset version was made from: those of an uploaded file, of another version, examples that were appended, what people answered, or samples of a model.',
  simpleResolvers: true,
})
export class VersionSourceType {
  versionUuid!: string;
  position!: number;
  reading!: VersionSourceRow['feedback'];
  samplesReading!: VersionSourceRow['samples'];
  samplesUuid!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the upload that brought the file, for `Project.datasetVersions`; null for a version, and for uploads that are older than this record.',
  })
  uploadId!: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the uploaded file; null for a version.' })
  fileName!: string | null;

  @Field(() => DatasetVersionType, {
    nullable: true,
    description: 'The version; null for a file, and for a version that was deleted since.',
  })
  version!: DatasetVersionType | null;

  @Field(() => String, { nullable: true, description: 'Dataset and number of the version, as they were then.' })
  versionName!: string | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'How many examples that were appended to the dataset; null for a file or a version.',
  })
  appendedCount!: number | null;

  @Field(() => Sha256Scalar, {
    description: 'Digest of the file, of the version, or of the file of the examples or answers.',
  })
  digest!: string;

  @Field(() => String, { nullable: true, description: 'The split that its rows became; null: each has its own.' })
  split!: string | null;
}

/** Where a version is from, and what was made of it. */
@Resolver(() => DatasetVersionType)
export class VersionPreparationResolver {
  @FieldResolver(() => [VersionSourceType], {
    description: 'What the version was made from, in the order of the rows.',
  })
  async sources(
    @Root() { uuid }: DatasetVersionType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<VersionSourceType[]> {
    const rows = await loaders.preparations.sourcesOfVersion.load(uuid);
    return Promise.all(
      rows.map(async ({ uploadId: upload, parentVersionId, parentName, feedback, samples, versionId, ...rest }) => {
        const parent = parentVersionId === null ? null : await loaders.datasets.versionById.load(parentVersionId);
        const version = parent === null ? null : toDatasetVersionType(parent);
        const uploadId = upload === null ? null : globalId('Upload', upload);
        return Object.assign(new VersionSourceType(), {
          ...rest,
          uploadId,
          version,
          versionName: parentName,
          versionUuid: versionId,
          reading: feedback,
          samplesReading: samples,
          samplesUuid: rest.samplesId,
        });
      }),
    );
  }

  @FieldResolver(() => [StepReportType], {
    description: 'The steps that its rows went through, and what each did.',
  })
  steps(@Root() { recipe, stepReports }: DatasetVersionType): StepReportType[] {
    return toStepReports(recipe, stepReports);
  }

  @FieldResolver(() => datasetVersions.Connection, {
    description: 'Versions that were made from this one, of any dataset, newest first.',
    complexity: pageComplexity,
  })
  derivedVersions(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.derivedVersions,
      parent: uuid,
      page,
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
    });
  }
}
