import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { DatasetExportType, datasetExports, toDatasetExportType } from '../../dataset-exports/dataset-export.type.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { rowId } from '../../graphql/global-id.js';
import { loaded } from '../../graphql/load-row.js';
import { orProblems, resultUnion } from '../../graphql/problem.type.js';
import { FeedbackTaskType, toFeedbackTaskType } from '../feedback-task.type.js';
import { ExportFeedbackInput } from './feedback-export.input.js';
import type { FeedbackExportService } from './feedback-export.service.js';

const exportFeedbackResult = resultUnion(
  'ExportFeedbackResult',
  'The queued export; or why it was not queued.',
  DatasetExportType,
);

@Resolver(() => FeedbackTaskType)
export class FeedbackExportResolver {
  constructor(private readonly service: FeedbackExportService) {}

  @FieldResolver(() => datasetExports.Connection, {
    nullable: true,
    description: 'Files of its answers, newest first.',
    complexity: pageComplexity,
  })
  exports(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasetExports.ofFeedbackTask,
      parent: uuid,
      page,
      toNode: toDatasetExportType,
      toConnection: datasetExports.toConnection,
    });
  }

  @Mutation(() => exportFeedbackResult, {
    description:
      'Queues the writing of all that people answered, skipped or flagged in a task into a file, one row for each time that somebody was given an item. People have other names in it, the same in all files of the task. Follow it with datasetExportChanged.',
  })
  exportFeedback(
    @Arg('input', () => ExportFeedbackInput, { description: 'Which task, and how.' }) input: ExportFeedbackInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { idempotencyKey, ...asked } = input;
      const id = await this.service.export({
        taskId: rowId('FeedbackTask', input.taskId, ['taskId']),
        format: input.format,
        guardFormulas: input.guardFormulas ?? null,
        idempotencyKey: idempotencyKey ?? null,
        input: asked,
      });
      return toDatasetExportType(await loaded(loaders.datasetExports.byId, id));
    });
  }
}

@Resolver(() => DatasetExportType)
export class ExportedFeedbackTaskResolver {
  @FieldResolver(() => FeedbackTaskType, {
    nullable: true,
    description: 'The task whose answers are written out; null: a version is.',
  })
  async feedbackTask(@Root() { feedbackTaskUuid }: DatasetExportType, @Ctx() { loaders }: GraphQLContext) {
    const row = feedbackTaskUuid === null ? null : await loaders.feedback.taskById.load(feedbackTaskUuid);
    return row === null ? null : toFeedbackTaskType(row);
  }
}
