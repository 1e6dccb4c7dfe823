import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { followed } from '../graphql/followed.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { DownloadLinkType, defaultLifetimeSeconds, downloadLink, lifetime } from './download-link.type.js';
import { ExportModelInput, ModelExportActionInput } from './model-export.input.js';
import type { ModelExportService } from './model-export.service.js';
import { cancelModelExportResult, exportModelResult, ModelExportType, toModelExportType } from './model-export.type.js';
import type { SignedPaths } from './signed-paths.js';
import type { ModelExportRow } from './transfer.reads.js';

@Resolver(() => ModelExportType)
export class ModelExportResolver {
  constructor(
    private readonly exports: ModelExportService,
    private readonly signedPaths: SignedPaths,
  ) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that is exported.' })
  async model(@Root() row: ModelExportType, @Ctx() { loaders }: GraphQLContext): Promise<BaseModelType> {
    return toBaseModelType(await existing(loaders.baseModels.byId, row.baseModelUuid));
  }

  @FieldResolver(() => DownloadLinkType, {
    nullable: true,
    description: 'A link to all files in one ZIP archive; null until the export has succeeded.',
  })
  archiveLink(
    @Root() { archiveUrl }: ModelExportType,
    @Arg('expiresInSeconds', lifetime.type, { description: lifetime.description, defaultValue: defaultLifetimeSeconds })
    expiresInSeconds: number,
  ): DownloadLinkType | null {
    return archiveUrl === null ? null : downloadLink(this.signedPaths, archiveUrl, expiresInSeconds);
  }

  @Mutation(() => exportModelResult, {
    description:
      'Queues the export of a model in a format that other programs read. Follow the export with modelExportChanged.',
  })
  exportModel(
    @Arg('input', () => ExportModelInput, { description: 'The model, and the format.' }) input: ExportModelInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toModelExportType(await loaded(loaders.transfers.exportById, await this.exports.exportModel(input))),
    );
  }

  @Mutation(() => cancelModelExportResult, {
    description:
      'Cancels an export. A waiting export ends at once, a running one within moments. Canceling it again changes nothing.',
  })
  cancelModelExport(
    @Arg('input', () => ModelExportActionInput, { description: 'Which one.' }) input: ModelExportActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('ModelExport', input.exportId, ['exportId']);
      await this.exports.cancel(id);
      return toModelExportType(await loaded(loaders.transfers.exportById, id));
    });
  }

  @Subscription(() => ModelExportType, {
    description:
      'An export as it is now, then after each change. The subscription completes when the export has ended.',
    subscribe: ({ args, context }: { args: { exportId: string }; context: GraphQLContext }) =>
      followed('ModelExport', args.exportId, context.loaders.transfers.exportById, context.live.modelExport),
  })
  modelExportChanged(
    @Root() row: ModelExportRow,
    @Arg('exportId', () => ID, { description: 'The export.' }) _exportId: string,
  ): ModelExportType {
    return toModelExportType(row);
  }
}
