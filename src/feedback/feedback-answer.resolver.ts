import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may } from '../access/viewer.js';
import { existing } from '../graphql/load-row.js';
import { toUserType, UserType } from '../people/user.type.js';
import { FeedbackAnswerChangeType, FeedbackAnswerType, toFeedbackAnswerChangeType } from './feedback-answer.type.js';
import { FeedbackClaimType, toFeedbackClaimType } from './feedback-claim.type.js';
import { FeedbackItemType, toFeedbackItemType } from './feedback-item.type.js';
import { FeedbackTaskType, toFeedbackTaskType } from './feedback-task.type.js';

@Resolver(() => FeedbackAnswerType)
export class FeedbackAnswerResolver {
  @FieldResolver(() => FeedbackTaskType, { description: 'The task.' })
  async task(@Root() { taskUuid }: FeedbackAnswerType, @Ctx() { loaders }: GraphQLContext): Promise<FeedbackTaskType> {
    return toFeedbackTaskType(await existing(loaders.feedback.taskById, taskUuid));
  }

  @FieldResolver(() => FeedbackItemType, {
    nullable: true,
    description: 'The item, for those who may train; null for annotators, who see what they were shown in `claim`.',
  })
  async item(@Root() { itemUuid }: FeedbackAnswerType, @Ctx() { loaders }: GraphQLContext): Promise<FeedbackItemType> {
    return toFeedbackItemType(await existing(loaders.feedback.itemById, itemUuid));
  }

  @FieldResolver(() => FeedbackClaimType, {
    nullable: true,
    description: 'What the person was shown; null for other annotators.',
  })
  async claim(@Root() answer: FeedbackAnswerType, @Ctx() { loaders, viewer }: GraphQLContext) {
    const { userUuid, projectUuid, claimUuid } = answer;
    if (userUuid !== viewer.userId && !may(viewer, 'TRAIN', projectUuid)) return null;
    return toFeedbackClaimType(await existing(loaders.feedback.claimById, claimUuid));
  }

  @FieldResolver(() => UserType, { description: 'Who said it.' })
  async user(@Root() { userUuid }: FeedbackAnswerType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, userUuid));
  }

  @FieldResolver(() => [FeedbackAnswerChangeType], {
    description: 'What it was before, the oldest first; empty: it was never changed.',
    complexity: ({ childComplexity }) => 3 * childComplexity,
  })
  async changes(@Root() { uuid }: FeedbackAnswerType, @Ctx() { loaders }: GraphQLContext) {
    return (await loaders.feedback.changesOfAnswer.load(uuid)).map(toFeedbackAnswerChangeType);
  }
}
