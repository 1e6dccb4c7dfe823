import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may, type Viewer } from '../access/viewer.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { followed } from '../graphql/followed.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { DownloadLinkType, defaultLifetimeSeconds, downloadLink, lifetime } from '../transfers/download-link.type.js';
import { ExportedFileType } from '../transfers/model-export.type.js';
import type { SignedPaths } from '../transfers/signed-paths.js';
import { DatasetExportActionInput, ExportDatasetVersionInput } from './dataset-export.input.js';
import { type DatasetExportRow, neededFor } from './dataset-export.reads.js';
import type { DatasetExportService } from './dataset-export.service.js';
import {
  cancelDatasetExportResult,
  DatasetExportType,
  datasetExports,
  exportDatasetVersionResult,
  toDatasetExportType,
} from './dataset-export.type.js';

@Resolver(() => DatasetExportType)
export class DatasetExportResolver {
  constructor(
    private readonly service: DatasetExportService,
    private readonly signedPaths: SignedPaths,
  ) {}

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: 'The version that is written out; null: the answers of a feedback task are.',
  })
  async datasetVersion(
    @Root() { datasetVersionUuid }: DatasetExportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType | null> {
    if (datasetVersionUuid === null) return null;
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @FieldResolver(() => [ExportedFileType], {
    description: 'Its files; empty until it has succeeded, and of answers for whoever may not train.',
  })
  files(@Root() root: DatasetExportType, @Ctx() { viewer }: GraphQLContext): ExportedFileType[] {
    return mayRead(viewer, root) ? root.ownFiles : [];
  }

  @FieldResolver(() => DownloadLinkType, {
    nullable: true,
    description:
      'A link to all files in one ZIP archive; null until the export has succeeded, and of answers for whoever may not train.',
  })
  archiveLink(
    @Root() root: DatasetExportType,
    @Ctx() { viewer }: GraphQLContext,
    @Arg('expiresInSeconds', lifetime.type, { description: lifetime.description, defaultValue: defaultLifetimeSeconds })
    expiresInSeconds: number,
  ): DownloadLinkType | null {
    const { archiveUrl } = root;
    if (archiveUrl === null || !mayRead(viewer, root)) return null;
    return downloadLink(this.signedPaths, archiveUrl, expiresInSeconds);
  }

  @Mutation(() => exportDatasetVersionResult, {
    description:
      'Queues the writing of a dataset version into files: CSV, JSON Lines, Parquet, or a form for language models. The same version and options give the same bytes. Follow it with datasetExportChanged.',
  })
  exportDatasetVersion(
    @Arg('input', () => ExportDatasetVersionInput, { description: 'Which version, and how.' })
    input: ExportDatasetVersionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toDatasetExportType(await loaded(loaders.datasetExports.byId, await this.service.export(input))),
    );
  }

  @Mutation(() => cancelDatasetExportResult, {
    description:
      'Cancels an export of a dataset version. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelDatasetExport(
    @Arg('input', () => DatasetExportActionInput, { description: 'Which one.' }) input: DatasetExportActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('DatasetExport', input.datasetExportId, ['datasetExportId']);
      await this.service.cancel(id);
      return toDatasetExportType(await loaded(loaders.datasetExports.byId, id));
    });
  }

  @Subscription(() => DatasetExportType, {
    description:
      'An export of a dataset version as it is now, then after each change. The subscription completes when it has ended.',
    subscribe: ({ args, context }: { args: { datasetExportId: string }; context: GraphQLContext }) =>
      followed('DatasetExport', args.datasetExportId, context.loaders.datasetExports.byId, context.live.datasetExport),
  })
  datasetExportChanged(
    @Root() row: DatasetExportRow,
    @Arg('datasetExportId', () => ID, { description: 'The export.' }) _datasetExportId: string,
  ): DatasetExportType {
    return toDatasetExportType(row);
  }
}

function mayRead(viewer: Viewer, { projectUuid, datasetVersionUuid }: DatasetExportType): boolean {
  return may(viewer, neededFor({ datasetVersionId: datasetVersionUuid }), projectUuid);
}

@Resolver(() => DatasetVersionType)
export class VersionExportsResolver {
  @FieldResolver(() => datasetExports.Connection, {
    description: 'Exports of the version, newest first.',
    complexity: pageComplexity,
  })
  exports(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasetExports.ofVersion,
      parent: uuid,
      page,
      toNode: toDatasetExportType,
      toConnection: datasetExports.toConnection,
    });
  }
}
