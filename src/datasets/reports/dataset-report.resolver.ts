import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { followed } from '../../graphql/followed.js';
import { rowId } from '../../graphql/global-id.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../../models/base-model.type.js';
import { DatasetVersionType, toDatasetVersionType } from '../dataset-version.type.js';
import { CompareDatasetVersionsInput, DatasetReportActionInput, ReportDatasetInput } from './dataset-report.input.js';
import type { DatasetReportRow } from './dataset-report.reads.js';
import type { DatasetReportService } from './dataset-report.service.js';
import {
  cancelDatasetReportResult,
  compareDatasetVersionsResult,
  DatasetReportType,
  datasetReports,
  reportDatasetResult,
  toDatasetReportType,
} from './dataset-report.type.js';

@Resolver(() => DatasetReportType)
export class DatasetReportResolver {
  constructor(private readonly service: DatasetReportService) {}

  @FieldResolver(() => DatasetVersionType, { description: 'The version that was looked at.' })
  async datasetVersion(
    @Root() { datasetVersionUuid }: DatasetReportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: 'The older version that it is compared with; null of a report on one version.',
  })
  async comparedWith(
    @Root() { comparedWithUuid }: DatasetReportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType | null> {
    if (comparedWithUuid === null) return null;
    return toDatasetVersionType(await existing(loaders.datasets.versionById, comparedWithUuid));
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description:
      'The model by whose vectors texts are compared; null: by hashed words, or the model was deleted since.',
  })
  async featureModel(
    @Root() { featureModelUuid }: DatasetReportType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    const row = featureModelUuid === null ? null : await loaders.baseModels.byId.load(featureModelUuid);
    return row === null ? null : toBaseModelType(row);
  }

  @Mutation(() => reportDatasetResult, {
    description:
      'Queues a report on a dataset version: its counts, and what a person should know before a model learns from it. Follow it with datasetReportChanged.',
  })
  reportDataset(
    @Arg('input', () => ReportDatasetInput, { description: 'Which version, and how.' }) input: ReportDatasetInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toDatasetReportType(await loaded(loaders.datasetReports.byId, await this.service.report(input))),
    );
  }

  @Mutation(() => compareDatasetVersionsResult, {
    description:
      'Queues the comparison of two dataset versions: rows, labels, lengths and texts. Follow it with datasetReportChanged.',
  })
  compareDatasetVersions(
    @Arg('input', () => CompareDatasetVersionsInput, { description: 'Which versions, and by which key.' })
    input: CompareDatasetVersionsInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toDatasetReportType(await loaded(loaders.datasetReports.byId, await this.service.compare(input))),
    );
  }

  @Mutation(() => cancelDatasetReportResult, {
    description:
      'Cancels a report. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelDatasetReport(
    @Arg('input', () => DatasetReportActionInput, { description: 'Which one.' }) input: DatasetReportActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('DatasetReport', input.reportId, ['reportId']);
      await this.service.cancel(id);
      return toDatasetReportType(await loaded(loaders.datasetReports.byId, id));
    });
  }

  @Subscription(() => DatasetReportType, {
    description: 'A report as it is now, then after each change. The subscription completes when it has ended.',
    subscribe: ({ args, context }: { args: { reportId: string }; context: GraphQLContext }) =>
      followed('DatasetReport', args.reportId, context.loaders.datasetReports.byId, context.live.datasetReport),
  })
  datasetReportChanged(
    @Root() row: DatasetReportRow,
    @Arg('reportId', () => ID, { description: 'The report.' }) _reportId: string,
  ): DatasetReportType {
    return toDatasetReportType(row);
  }
}

@Resolver(() => DatasetVersionType)
export class VersionReportsResolver {
  @FieldResolver(() => datasetReports.Connection, {
    description: 'Reports on the version, and its comparisons with older ones, newest first.',
    complexity: pageComplexity,
  })
  reports(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasetReports.ofVersion,
      parent: uuid,
      page,
      toNode: toDatasetReportType,
      toConnection: datasetReports.toConnection,
    });
  }
}
