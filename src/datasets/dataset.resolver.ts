import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { rowId } from '../graphql/global-id.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { requireProject } from '../projects/require-project.js';
import type { Query } from '../protocol/sql/query.js';
import {
  AddDatasetVersionInput,
  CreateDatasetInput,
  CreateUploadInput,
  JoinDatasetVersionsInput,
  ResplitDatasetVersionInput,
  UploadActionInput,
} from './dataset.input.js';
import { createDatasetResult, DatasetType, toDatasetType } from './dataset.type.js';
import type { DatasetCommands } from './dataset-commands.js';
import {
  addDatasetVersionResult,
  DatasetVersionType,
  datasetVersions,
  joinDatasetVersionsResult,
  resplitDatasetVersionResult,
  toDatasetVersionType,
} from './dataset-version.type.js';
import { toFileOptions } from './file-options.input.js';
import { toSplitRequest } from './to-split-request.js';
import { CanceledUploadType, cancelUploadResult, createUploadResult, toUploadType } from './upload.type.js';

@Resolver(() => DatasetType)
export class DatasetResolver {
  constructor(
    private readonly query: Query,
    private readonly commands: DatasetCommands,
  ) {}

  @FieldResolver(() => datasetVersions.Connection, {
    description: "The dataset's versions, newest first.",
    complexity: pageComplexity,
  })
  versions(@Root() dataset: DatasetType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.datasets.versionsOfDataset,
      parent: dataset.uuid,
      page,
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
    });
  }

  @FieldResolver(() => DatasetVersionType, { nullable: true, description: "The dataset's newest version." })
  async latest(@Root() dataset: DatasetType, @Ctx() { loaders }: GraphQLContext): Promise<DatasetVersionType | null> {
    const row = await loaders.datasets.latestVersion.load(dataset.uuid);
    return row === null ? null : toDatasetVersionType(row);
  }

  @Mutation(() => createUploadResult, { description: 'Returns a URL to send a file to.' })
  createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'The file that will be uploaded.' }) input: CreateUploadInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { projectSlug, fileName, format, sizeBytes, sha256 } = input;
      const project = await requireProject(this.query, projectSlug);
      const upload = await this.commands.createUpload({
        projectId: project.id,
        fileName,
        format,
        sizeBytes: sizeBytes == null ? null : fileSize(sizeBytes),
        sha256: sha256 ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return toUploadType(await loaded(loaders.datasets.uploadById, upload.id), upload);
    });
  }

  @Mutation(() => cancelUploadResult, {
    description:
      'Cancels an upload of the viewer that no dataset was made of. What has arrived of its file is removed.',
  })
  cancelUpload(
    @Arg('input', () => UploadActionInput, { description: 'Which one.' }) input: UploadActionInput,
    @Ctx() { viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      await this.commands.cancelUpload(rowId('Upload', input.uploadId, ['uploadId']), viewer.userId);
      return Object.assign(new CanceledUploadType(), { uploadId: input.uploadId });
    });
  }

  @Mutation(() => createDatasetResult, {
    description: 'Reads an uploaded file into version 1 of a new dataset. Answers when the version is complete.',
  })
  createDataset(
    @Arg('input', () => CreateDatasetInput, { description: 'The dataset and its file.' }) input: CreateDatasetInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const project = await requireProject(this.query, input.projectSlug);
      const id = await this.commands.createDataset({
        projectId: project.id,
        name: input.name,
        description: input.description ?? null,
        uploadId: rowId('Upload', input.uploadId, ['uploadId']),
        fileOptions: toFileOptions(input.fileOptions),
        split: toSplitRequest(input),
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return toDatasetType(await loaded(loaders.datasets.byId, id));
    });
  }

  @Mutation(() => addDatasetVersionResult, {
    description: 'Reads an uploaded file into the next version of a dataset. Answers when the version is complete.',
  })
  addDatasetVersion(
    @Arg('input', () => AddDatasetVersionInput, { description: 'The dataset and the file.' })
    input: AddDatasetVersionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = await this.commands.addDatasetVersion({
        datasetId: rowId('Dataset', input.datasetId, ['datasetId']),
        uploadId: rowId('Upload', input.uploadId, ['uploadId']),
        fileOptions: toFileOptions(input.fileOptions),
        split: toSplitRequest(input),
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return toDatasetVersionType(await loaded(loaders.datasets.versionById, id));
    });
  }

  @Mutation(() => resplitDatasetVersionResult, {
    description:
      'Makes the next version of a dataset from the rows of one that it has, with other splits: the same rows in the same order, without sending them again. Answers when the version is complete.',
  })
  resplitDatasetVersion(
    @Arg('input', () => ResplitDatasetVersionInput, { description: 'The version, and how to split its rows.' })
    input: ResplitDatasetVersionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = await this.commands.resplitDatasetVersion({
        datasetVersionId: rowId('DatasetVersion', input.datasetVersionId, ['datasetVersionId']),
        split: toSplitRequest(input),
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return toDatasetVersionType(await loaded(loaders.datasets.versionById, id));
    });
  }

  @Mutation(() => joinDatasetVersionsResult, {
    description:
      'Makes the next version of a dataset from the rows of several versions, each of which becomes a split: a file for training and one for testing, say. Columns are those of all of them. Answers when the version is complete.',
  })
  joinDatasetVersions(
    @Arg('input', () => JoinDatasetVersionsInput, { description: 'The dataset, and the versions with their splits.' })
    input: JoinDatasetVersionsInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = await this.commands.joinDatasetVersions({
        datasetId: rowId('Dataset', input.datasetId, ['datasetId']),
        parts: input.parts.map(({ datasetVersionId, split }, i) => ({
          datasetVersionId: rowId('DatasetVersion', datasetVersionId, ['parts', String(i), 'datasetVersionId']),
          split,
        })),
        idempotencyKey: input.idempotencyKey ?? null,
      });
      return toDatasetVersionType(await loaded(loaders.datasets.versionById, id));
    });
  }
}

/** Throws ProblemsError INVALID_VALUE. */
function fileSize(bytes: number | bigint): number {
  const size = Number(bytes);
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new ProblemsError([
    problem(['sizeBytes'], 'INVALID_VALUE', `A file has 1 to ${Number.MAX_SAFE_INTEGER} bytes.`),
  ]);
}
