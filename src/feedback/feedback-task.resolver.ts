import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may } from '../access/viewer.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { EventRangeArgs, eventsComplexity, maxEventsShown, readEventRange } from '../graphql/event-range.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { toUserType, UserType } from '../people/user.type.js';
import { ProjectType } from '../projects/project.type.js';
import type { AddItemsService } from './add-items.service.js';
import { feedbackAnswers, toFeedbackAnswerType } from './feedback-answer.type.js';
import { isOfPerson, toStoredFeedbackEvent } from './feedback-event.reads.js';
import { FeedbackEventPageType, toFeedbackEventType, whatIsLeftOut } from './feedback-event.type.js';
import { AddFeedbackItemsInput } from './feedback-item.input.js';
import {
  AddedFeedbackItemsType,
  addFeedbackItemsResult,
  feedbackItems,
  toFeedbackItemType,
} from './feedback-item.type.js';
import {
  answerConditions,
  FeedbackAnswerListArgs,
  FeedbackItemListArgs,
  FeedbackTaskListArgs,
  itemConditions,
  taskConditions,
} from './feedback-list.args.js';
import { CreateFeedbackTaskInput, FeedbackTaskActionInput, UpdateFeedbackTaskInput } from './feedback-task.input.js';
import type { FeedbackTaskService } from './feedback-task.service.js';
import {
  closeFeedbackTaskResult,
  createFeedbackTaskResult,
  FeedbackCountsType,
  FeedbackInstructionsType,
  FeedbackTaskType,
  feedbackTasks,
  pauseFeedbackTaskResult,
  resumeFeedbackTaskResult,
  toFeedbackInstructionsType,
  toFeedbackTaskType,
  updateFeedbackTaskResult,
} from './feedback-task.type.js';
import { hasOwnLog } from './own-log.js';
import { maySeeOthers } from './visible-answers.js';

const whichTask = 'Which one.';
const untilClosed = 'Null for those who may not train, until the task is closed: it would tell whether people agree.';
const onlyToTrain = 'Null for those who may not train.';

@Resolver(() => FeedbackTaskType)
export class FeedbackTaskResolver {
  constructor(
    private readonly service: FeedbackTaskService,
    private readonly adding: AddItemsService,
  ) {}

  @FieldResolver(() => FeedbackInstructionsType, { description: 'What people are to go by now.' })
  async instructions(@Root() { uuid }: FeedbackTaskType, @Ctx() { loaders }: GraphQLContext) {
    const [newest] = await loaders.feedback.instructionsOfTask.load(uuid);
    return toFeedbackInstructionsType(newest!);
  }

  @FieldResolver(() => [FeedbackInstructionsType], {
    description: 'All versions of what people were to go by, the newest first.',
    complexity: ({ childComplexity }) => 5 * childComplexity,
  })
  async instructionVersions(@Root() { uuid }: FeedbackTaskType, @Ctx() { loaders }: GraphQLContext) {
    return (await loaders.feedback.instructionsOfTask.load(uuid)).map(toFeedbackInstructionsType);
  }

  @FieldResolver(() => [UserType], {
    nullable: true,
    description: 'Who may take part, of those who may annotate in the project; null: all of them.',
    complexity: ({ childComplexity }) => 10 * childComplexity,
  })
  async participants(@Root() { participantUuids }: FeedbackTaskType, @Ctx() { loaders }: GraphQLContext) {
    if (participantUuids === null) return null;
    return Promise.all(participantUuids.map(async (id) => toUserType(await existing(loaders.people.userById, id))));
  }

  @FieldResolver(() => feedbackItems.Connection, {
    nullable: true,
    description: 'Its items, in the order in which they were added. Annotators see them through their claims.',
    complexity: pageComplexity,
  })
  items(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => FeedbackItemListArgs) page: FeedbackItemListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.feedback.itemsOfTask,
      parent: uuid,
      page,
      listing: { where: itemConditions(page.filter ?? {}) },
      toNode: toFeedbackItemType,
      toConnection: feedbackItems.toConnection,
    });
  }

  @FieldResolver(() => feedbackAnswers.Connection, {
    nullable: true,
    description:
      'What people said, oldest first, answers to gold items and repetitions included. Annotators see their own answers; those of others once the task is closed, or if it is not blind.',
    complexity: pageComplexity,
  })
  async answers(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => FeedbackAnswerListArgs) page: FeedbackAnswerListArgs,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    const task = await existing(loaders.feedback.taskById, uuid);
    const onlyOf = maySeeOthers(viewer, task) ? null : viewer.userId;
    return childConnection({
      loader: loaders.feedback.answersOfTask,
      parent: uuid,
      page,
      listing: { where: answerConditions(page.filter ?? {}, onlyOf) },
      toNode: toFeedbackAnswerType,
      toConnection: feedbackAnswers.toConnection,
    });
  }

  @Extensions({ maxPageSize: maxEventsShown })
  @FieldResolver(() => FeedbackEventPageType, {
    description: `A range of its event log. To follow the log live, use the subscription feedbackActivity. ${whatIsLeftOut}`,
    complexity: eventsComplexity,
  })
  async events(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => EventRangeArgs) range: EventRangeArgs,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ): Promise<FeedbackEventPageType> {
    const task = await existing(loaders.feedback.taskById, uuid);
    const { events: log, ownLog } = loaders.feedback;
    const { userId } = viewer;
    if (!hasOwnLog(viewer, task)) {
      const { rows, ...rest } = await readEventRange(log, uuid, range, []);
      const events = rows.map((row) => toFeedbackEventType(toStoredFeedbackEvent(row)));
      return Object.assign(new FeedbackEventPageType(), { events, ...rest });
    }
    const { afterSeq } = range;
    const whole = { ...range, afterSeq: await ownLog.wholeSeqOf(uuid, userId, afterSeq) };
    const { rows, hasMore } = await readEventRange(log, uuid, whole, [isOfPerson(userId)]);
    const first = rows.length === 0 ? 0 : await ownLog.ownSeqOf(uuid, userId, rows[0]!.seq);
    const events = rows.map((row, i) => toFeedbackEventType({ ...toStoredFeedbackEvent(row), seq: first + i }));
    const lastSeq = rows.length === 0 ? afterSeq : first + rows.length - 1;
    return Object.assign(new FeedbackEventPageType(), { events, lastSeq, hasMore });
  }

  @FieldResolver(() => BigIntScalar, {
    description: `The end of its event log; 0: nothing has happened yet. ${whatIsLeftOut}`,
  })
  async lastSeq(@Root() { uuid }: FeedbackTaskType, @Ctx() { loaders, viewer }: GraphQLContext): Promise<number> {
    const task = await existing(loaders.feedback.taskById, uuid);
    return hasOwnLog(viewer, task) ? loaders.feedback.ownLog.ownSeqOf(uuid, viewer.userId, null) : task.lastSeq;
  }

  @Mutation(() => createFeedbackTaskResult, {
    description: 'Creates a task in which people answer a question about items. Then addFeedbackItems.',
  })
  createFeedbackTask(
    @Arg('input', () => CreateFeedbackTaskInput, { description: 'The question, and how it is asked.' })
    input: CreateFeedbackTaskInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.create(input)));
  }

  @Mutation(() => updateFeedbackTaskResult, {
    description: 'Changes a task that is not closed. Its question stays.',
  })
  updateFeedbackTask(
    @Arg('input', () => UpdateFeedbackTaskInput, { description: 'The task, and what to change.' })
    input: UpdateFeedbackTaskInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.update(input)));
  }

  @Mutation(() => pauseFeedbackTaskResult, {
    description: 'Gives out no more items. Answers to items that people hold are taken. Pausing again changes nothing.',
  })
  pauseFeedbackTask(
    @Arg('input', () => FeedbackTaskActionInput, { description: whichTask }) input: FeedbackTaskActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.pause(input.taskId)));
  }

  @Mutation(() => resumeFeedbackTaskResult, {
    description: 'Opens a task that is paused. Opening it again changes nothing.',
  })
  resumeFeedbackTask(
    @Arg('input', () => FeedbackTaskActionInput, { description: whichTask }) input: FeedbackTaskActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.resume(input.taskId)));
  }

  @Mutation(() => closeFeedbackTaskResult, {
    description:
      'Closes a task for good: no answer can be changed any more. First answers to items that people hold are still kept, as late ones. Closing it again changes nothing.',
  })
  closeFeedbackTask(
    @Arg('input', () => FeedbackTaskActionInput, { description: whichTask }) input: FeedbackTaskActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.close(input.taskId)));
  }

  @Mutation(() => addFeedbackItemsResult, {
    description: 'Adds up to 1,000 items to a task that is not closed, all or none.',
  })
  addFeedbackItems(
    @Arg('input', () => AddFeedbackItemsInput, { description: 'The task, and the items.' })
    input: AddFeedbackItemsInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const { taskId, firstPosition, lastPosition } = await this.adding.add(input);
      const task = await answered(loaders, taskId);
      const count = lastPosition - firstPosition + 1;
      return Object.assign(new AddedFeedbackItemsType(), { task, count, firstPosition, lastPosition });
    });
  }
}

@Resolver(() => FeedbackCountsType)
export class FeedbackCountsResolver {
  @FieldResolver(() => Int, { description: 'Items that somebody holds at this moment, gold items included.' })
  async held(@Root() { taskUuid }: FeedbackCountsType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.feedback.leasesOfTask.load(taskUuid))?.count ?? 0;
  }

  @FieldResolver(() => BigIntScalar, {
    nullable: true,
    description: `Of the items, those that have all answers that they need. ${untilClosed}`,
  })
  settled(@Root() counts: FeedbackCountsType, @Ctx() { viewer }: GraphQLContext): number | null {
    return counts.isClosed || may(viewer, 'TRAIN', counts.projectUuid) ? counts.settledCount : null;
  }

  @FieldResolver(() => BigIntScalar, { nullable: true, description: `Answers that count. ${untilClosed}` })
  answers(@Root() counts: FeedbackCountsType, @Ctx() { viewer }: GraphQLContext): number | null {
    return counts.isClosed || may(viewer, 'TRAIN', counts.projectUuid) ? counts.answerCount : null;
  }

  @FieldResolver(() => BigIntScalar, { nullable: true, description: `Gold items. ${onlyToTrain}` })
  gold(@Root() { projectUuid, goldCount }: FeedbackCountsType, @Ctx() { viewer }: GraphQLContext): number | null {
    return may(viewer, 'TRAIN', projectUuid) ? goldCount : null;
  }

  @FieldResolver(() => BigIntScalar, { nullable: true, description: `Answers to gold items. ${onlyToTrain}` })
  goldAnswers(
    @Root() { projectUuid, goldAnswerCount }: FeedbackCountsType,
    @Ctx() { viewer }: GraphQLContext,
  ): number | null {
    return may(viewer, 'TRAIN', projectUuid) ? goldAnswerCount : null;
  }

  @FieldResolver(() => BigIntScalar, {
    nullable: true,
    description: `Answers to items that the same person had answered before. ${onlyToTrain}`,
  })
  repeats(@Root() { projectUuid, repeatCount }: FeedbackCountsType, @Ctx() { viewer }: GraphQLContext): number | null {
    return may(viewer, 'TRAIN', projectUuid) ? repeatCount : null;
  }
}

@Resolver(() => ProjectType)
export class ProjectFeedbackTasksResolver {
  @FieldResolver(() => feedbackTasks.Connection, {
    description: 'Its feedback tasks, newest first.',
    complexity: pageComplexity,
  })
  feedbackTasks(
    @Root() project: ProjectType,
    @Args(() => FeedbackTaskListArgs) page: FeedbackTaskListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.feedback.tasksOfProject,
      parent: project.uuid,
      page,
      listing: { where: taskConditions(page.filter ?? {}) },
      toNode: toFeedbackTaskType,
      toConnection: feedbackTasks.toConnection,
    });
  }
}

async function answered({ feedback }: GraphQLContext['loaders'], id: string): Promise<FeedbackTaskType> {
  return toFeedbackTaskType(await loaded(feedback.taskById, id));
}
