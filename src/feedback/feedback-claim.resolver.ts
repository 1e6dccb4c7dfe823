import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { toGenerationPromptType } from '../generations/generation.type.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import type { Query } from '../protocol/sql/query.js';
import type { ClaimItemService } from './claim-item.service.js';
import { FeedbackAnswerType, submitFeedbackResult, toFeedbackAnswerType } from './feedback-answer.type.js';
import {
  ClaimFeedbackItemInput,
  FlagFeedbackItemInput,
  SkipFeedbackItemInput,
  SubmitFeedbackInput,
} from './feedback-claim.input.js';
import { countAnsweredBy } from './feedback-claim.reads.js';
import {
  ClaimedFeedbackItemType,
  claimFeedbackItemResult,
  FeedbackClaimType,
  flagFeedbackItemResult,
  ShownAnswerType,
  ShownItemType,
  skipFeedbackItemResult,
  toFeedbackClaimType,
} from './feedback-claim.type.js';
import {
  FeedbackInstructionsType,
  FeedbackTaskType,
  toFeedbackInstructionsType,
  toFeedbackTaskType,
} from './feedback-task.type.js';
import type { SetAsideService } from './set-aside.service.js';
import type { SubmitAnswerService } from './submit-answer.service.js';

@Resolver(() => FeedbackClaimType)
export class FeedbackClaimResolver {
  constructor(
    private readonly query: Query,
    private readonly claiming: ClaimItemService,
    private readonly submitting: SubmitAnswerService,
    private readonly settingAside: SetAsideService,
  ) {}

  @FieldResolver(() => FeedbackTaskType, { description: 'The task, with the question.' })
  async task(@Root() { taskUuid }: FeedbackClaimType, @Ctx() { loaders }: GraphQLContext): Promise<FeedbackTaskType> {
    return toFeedbackTaskType(await existing(loaders.feedback.taskById, taskUuid));
  }

  @FieldResolver(() => FeedbackInstructionsType, { description: 'What to go by: the version at the claim.' })
  async instructions(@Root() { taskUuid, instructionsVersion }: FeedbackClaimType, @Ctx() { loaders }: GraphQLContext) {
    const versions = await loaders.feedback.instructionsOfTask.load(taskUuid);
    return toFeedbackInstructionsType(versions.find(({ version }) => version === instructionsVersion)!);
  }

  @FieldResolver(() => ShownItemType, { description: 'What the question is about.' })
  async item(@Root() { itemUuid, shown }: FeedbackClaimType, @Ctx() { loaders }: GraphQLContext) {
    const { content } = await existing(loaders.feedback.itemById, itemUuid);
    const texts = new Map(content.answers.map(({ key, text }) => [key, text]));
    return Object.assign(new ShownItemType(), {
      prompt: content.prompt === null ? null : toGenerationPromptType(content.prompt),
      text: content.text,
      answers: shown.map((key) => Object.assign(new ShownAnswerType(), { key, text: texts.get(key)! })),
    });
  }

  @FieldResolver(() => FeedbackAnswerType, { nullable: true, description: 'What was said; null: nothing yet.' })
  async answer(@Root() { uuid }: FeedbackClaimType, @Ctx() { loaders }: GraphQLContext) {
    const answer = await loaders.feedback.answerOfClaim.load(uuid);
    return answer === null ? null : toFeedbackAnswerType(answer);
  }

  @Mutation(() => claimFeedbackItemResult, {
    description:
      'Gives you the next item of a task, and holds it for you. Nobody gets an item twice, or one that has as many answers and holds as it needs. As long as you hold an item, you get the same one again.',
  })
  claimFeedbackItem(
    @Arg('input', () => ClaimFeedbackItemInput, { description: 'The task.' }) input: ClaimFeedbackItemInput,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const taskId = rowId('FeedbackTask', input.taskId, ['taskId']);
      const claimed = await this.claiming.claim(taskId, viewer.userId);
      const answered = await countAnsweredBy(this.query, taskId, viewer.userId);
      if (claimed.claimId === null) {
        return Object.assign(new ClaimedFeedbackItemType(), { ...claimed, claim: null, answered });
      }
      const claim = toFeedbackClaimType(await loaded(loaders.feedback.claimById, claimed.claimId));
      return Object.assign(new ClaimedFeedbackItemType(), { claim, nothing: null, askAgainAt: null, answered });
    });
  }

  @Mutation(() => submitFeedbackResult, {
    description:
      'Answers an item that you claimed. It is kept even after the hold has ended. The same answer again changes nothing; another one replaces it, until the task is closed, and the former one stays in `changes`.',
  })
  submitFeedback(
    @Arg('input', () => SubmitFeedbackInput, { description: 'The claim, and what you say.' })
    input: SubmitFeedbackInput,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const claimId = rowId('FeedbackClaim', input.claimId, ['claimId']);
      const { value, comment = null } = input;
      const id = await this.submitting.submit(claimId, viewer.userId, { value, comment });
      return toFeedbackAnswerType(await loaded(loaders.feedback.answerById, id));
    });
  }

  @Mutation(() => skipFeedbackItemResult, {
    description: 'Leaves an item that you claimed to others. You do not get it again.',
  })
  skipFeedbackItem(
    @Arg('input', () => SkipFeedbackItemInput, { description: 'The claim, and why.' }) input: SkipFeedbackItemInput,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const claimId = rowId('FeedbackClaim', input.claimId, ['claimId']);
      await this.settingAside.skip(claimId, viewer.userId, input.reason);
      return toFeedbackClaimType(await loaded(loaders.feedback.claimById, claimId));
    });
  }

  @Mutation(() => flagFeedbackItemResult, {
    description:
      'Tells whoever runs the task that something is wrong with an item that you claimed. You may still answer or skip it.',
  })
  flagFeedbackItem(
    @Arg('input', () => FlagFeedbackItemInput, { description: 'The claim, and what is wrong.' })
    input: FlagFeedbackItemInput,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const claimId = rowId('FeedbackClaim', input.claimId, ['claimId']);
      await this.settingAside.flag(claimId, viewer.userId, input.reason);
      return toFeedbackClaimType(await loaded(loaders.feedback.claimById, claimId));
    });
  }
}
