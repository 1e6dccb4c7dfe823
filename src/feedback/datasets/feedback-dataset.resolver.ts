import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { may } from '../../access/viewer.js';
import { DatasetVersionType, datasetVersions, toDatasetVersionType } from '../../datasets/dataset-version.type.js';
import { toPreparationType } from '../../datasets/preparation/preparation.type.js';
import { VersionSourceType } from '../../datasets/preparation/version-preparation.resolver.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { BaseModelType } from '../../models/base-model.type.js';
import { toUserType, UserType } from '../../people/user.type.js';
import type { Query } from '../../protocol/sql/query.js';
import { FeedbackTaskListArgs, taskConditions } from '../feedback-list.args.js';
import { FeedbackTaskType, feedbackTasks, toFeedbackTaskType } from '../feedback-task.type.js';
import { CreateDatasetFromFeedbackInput } from './feedback-dataset.input.js';
import type { FeedbackDatasetService } from './feedback-dataset.service.js';
import { shownPeople } from './feedback-lineage.reads.js';
import {
  createDatasetFromFeedbackResult,
  FeedbackPersonReadingType,
  FeedbackSourceType,
  FeedbackTaskReadingType,
  toFeedbackSourceType,
} from './feedback-source.type.js';
import { toDatasetRequest } from './to-dataset-request.js';

@Resolver(() => FeedbackTaskType)
export class FeedbackDatasetResolver {
  constructor(
    private readonly query: Query,
    private readonly service: FeedbackDatasetService,
  ) {}

  @FieldResolver(() => datasetVersions.Connection, {
    description: 'Dataset versions that were made of its answers, newest first.',
    complexity: pageComplexity,
  })
  datasetVersions(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.feedback.versionsOfTask,
      parent: uuid,
      page,
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
    });
  }

  @Mutation(() => createDatasetFromFeedbackResult, {
    description:
      'Queues the making of a dataset version of what people answered, by a stated policy. The same answers and input give the same version. Follow it with preparationChanged.',
  })
  createDatasetFromFeedback(
    @Arg('input', () => CreateDatasetFromFeedbackInput, { description: 'Of which answers, by which rules.' })
    input: CreateDatasetFromFeedbackInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = await this.service.create(await toDatasetRequest(this.query, input));
      return toPreparationType(await loaded(loaders.preparations.byId, id));
    });
  }
}

/** What a source of a version says where it is feedback. */
@Resolver(() => VersionSourceType)
export class VersionFeedbackSourceResolver {
  @FieldResolver(() => FeedbackSourceType, {
    nullable: true,
    description: 'Of which answers the rows were made, and by which rules; null: they are from elsewhere.',
  })
  feedback(@Root() { reading, versionUuid, position }: VersionSourceType): FeedbackSourceType | null {
    return reading === null ? null : toFeedbackSourceType(reading, versionUuid, position);
  }
}

@Resolver(() => FeedbackSourceType)
export class FeedbackSourceResolver {
  @FieldResolver(() => [FeedbackTaskReadingType], {
    description: 'The tasks, in the order of the rows.',
    complexity: ({ childComplexity }) => 2 * childComplexity,
  })
  async tasks(@Root() { versionUuid, position }: FeedbackSourceType, @Ctx() { loaders }: GraphQLContext) {
    const rows = await loaders.feedback.readTasksOfVersion.load(versionUuid);
    return rows
      .filter((row) => row.position === position)
      .map(({ taskId, versionId, projectId, ...row }) =>
        Object.assign(new FeedbackTaskReadingType(), row, {
          taskUuid: taskId,
          versionUuid: versionId,
          projectUuid: projectId,
        }),
      );
  }
}

@Resolver(() => FeedbackTaskReadingType)
export class FeedbackTaskReadingResolver {
  @FieldResolver(() => FeedbackTaskType, { nullable: true, description: 'The task; null: it was deleted since.' })
  async task(@Root() { taskUuid }: FeedbackTaskReadingType, @Ctx() { loaders }: GraphQLContext) {
    const row = taskUuid === null ? null : await loaders.feedback.taskById.load(taskUuid);
    return row === null ? null : toFeedbackTaskType(row);
  }

  @FieldResolver(() => [FeedbackPersonReadingType], {
    nullable: true,
    description: `The people whose answers counted at that time, at most ${shownPeople}, those with most answers first; \`peopleCount\` says how many there are. Null: the version is older than this field, or you may not TRAIN in its project.`,
    complexity: ({ childComplexity }) => 10 * childComplexity,
  })
  async people(@Root() reading: FeedbackTaskReadingType, @Ctx() { loaders, viewer }: GraphQLContext) {
    if (reading.peopleCount === null || !may(viewer, 'TRAIN', reading.projectUuid)) return null;
    const rows = await loaders.feedback.readPeopleOfVersion.load(reading.versionUuid);
    return rows
      .filter(({ position, place }) => position === reading.position && place === reading.place)
      .map(({ userId, answers }) => Object.assign(new FeedbackPersonReadingType(), { userUuid: userId, answers }));
  }
}

@Resolver(() => FeedbackPersonReadingType)
export class FeedbackPersonReadingResolver {
  @FieldResolver(() => UserType, { description: 'Who it is.' })
  async user(@Root() { userUuid }: FeedbackPersonReadingType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, userUuid));
  }
}

@Resolver(() => DatasetVersionType)
export class VersionFeedbackTasksResolver {
  @FieldResolver(() => feedbackTasks.Connection, {
    description: 'Feedback tasks with items that were made of its rows, newest first.',
    complexity: pageComplexity,
  })
  feedbackTasks(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => FeedbackTaskListArgs) page: FeedbackTaskListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return tasksOf(loaders.feedback.tasksOfVersion, uuid, page);
  }
}

@Resolver(() => BaseModelType)
export class ModelFeedbackTasksResolver {
  @FieldResolver(() => feedbackTasks.Connection, {
    description: 'Feedback tasks in which its answers are judged, newest first.',
    complexity: pageComplexity,
  })
  feedbackTasks(
    @Root() { uuid }: BaseModelType,
    @Args(() => FeedbackTaskListArgs) page: FeedbackTaskListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return tasksOf(loaders.feedback.tasksOfModel, uuid, page);
  }
}

function tasksOf(
  loader: GraphQLContext['loaders']['feedback']['tasksOfProject'],
  parent: string,
  page: FeedbackTaskListArgs,
) {
  return childConnection({
    loader,
    parent,
    page,
    listing: { where: taskConditions(page.filter ?? {}) },
    toNode: toFeedbackTaskType,
    toConnection: feedbackTasks.toConnection,
  });
}
