import { Arg, Args, Ctx, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { may } from '../../access/viewer.js';
import { checkRange } from '../../graphql/check-range.js';
import { childConnection } from '../../graphql/child-connection.js';
import { decodeCursor, pageComplexity, pageRequest } from '../../graphql/connection.js';
import { rowId } from '../../graphql/global-id.js';
import { existing, loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { orRefuse } from '../../graphql/refuse.js';
import { BaseModelType, toBaseModelType } from '../../models/base-model.type.js';
import { toUserType, UserType } from '../../people/user.type.js';
import { FeedbackItemType, toFeedbackItemType } from '../feedback-item.type.js';
import { FeedbackTaskType } from '../feedback-task.type.js';
import type { AdjudicateService } from './adjudicate.service.js';
import { AgreementArgs, FeedbackAgreementType, toFeedbackAgreementType } from './agreement.type.js';
import { FeedbackAnnotatorType, toFeedbackAnnotatorType, toOwnAnnotatorType } from './annotator.type.js';
import { disputeConditions } from './dispute.reads.js';
import {
  AdjudicateFeedbackItemInput,
  adjudicateFeedbackItemResult,
  DisputesArgs,
  disputes,
  FeedbackAdjudicationType,
  FeedbackDisputeType,
  FeedbackVotesType,
  toAdjudicationType,
  toDisputeType,
  toVotesType,
} from './dispute.type.js';
import type { FeedbackResults } from './feedback-results.service.js';
import {
  FeedbackLikelyAnswerType,
  LikelyAnswersArgs,
  likelyAnswers,
  toLikelyAnswerType,
} from './likely-answer.type.js';
import {
  FeedbackCompetitorType,
  FeedbackRankingArgs,
  FeedbackRankingType,
  FeedbackWinRateArgs,
  FeedbackWinRateType,
  toFeedbackRankingType,
  toFeedbackWinRateType,
} from './ranking.type.js';
import { resultLimits } from './result-limits.js';

/** Statistics read all answers of a task: seconds of computing time for 100,000 of them. */
const statisticComplexity = 1_000;

@Resolver(() => FeedbackTaskType)
export class FeedbackResultsResolver {
  constructor(private readonly results: FeedbackResults) {}

  @FieldResolver(() => FeedbackAgreementType, {
    nullable: true,
    description: 'How far people agree, answers to gold items and repetitions left out.',
    complexity: ({ childComplexity }) => statisticComplexity + childComplexity,
  })
  async agreement(@Root() { uuid }: FeedbackTaskType, @Args(() => AgreementArgs) args: AgreementArgs) {
    const { rounds, seed, level = null, weights = null } = args;
    return toFeedbackAgreementType(await orRefuse(this.results.agreement(uuid, { rounds, seed, level, weights })));
  }

  @FieldResolver(() => [FeedbackAnnotatorType], {
    nullable: true,
    description:
      "What people's answers tell of them, those with most answers first. Annotators see themselves alone, and how their answers compare only once the task is closed.",
    complexity: ({ childComplexity }) => statisticComplexity + 10 * childComplexity,
  })
  async annotators(
    @Root() { uuid, projectUuid, status }: FeedbackTaskType,
    @Arg('first', () => Int, {
      defaultValue: 100,
      description: `How many to return at most, from 1 to ${resultLimits.maxPeople}.`,
    })
    first: number,
    @Ctx() { viewer }: GraphQLContext,
  ) {
    checkRange('first', first, 1, resultLimits.maxPeople);
    const people = await orRefuse(this.results.people(uuid));
    if (may(viewer, 'TRAIN', projectUuid)) return people.slice(0, first).map(toFeedbackAnnotatorType);
    const own = people.filter(({ annotator }) => annotator === viewer.userId);
    return own.map(status === 'CLOSED' ? toFeedbackAnnotatorType : toOwnAnnotatorType);
  }

  @FieldResolver(() => likelyAnswers.Connection, {
    nullable: true,
    description:
      'What is likely right of each item that was answered, in the order of items. What was adjudicated, and of gold items what is known, teaches how people err.',
    complexity: (options) => statisticComplexity + pageComplexity(options),
  })
  async likelyAnswers(@Root() { uuid }: FeedbackTaskType, @Args(() => LikelyAnswersArgs) page: LikelyAnswersArgs) {
    const { goes, size, cursor } = pageRequest(page);
    const at = cursor === null ? null : Number(decodeCursor(cursor, [/^\d{1,9}$/])[0]);
    const { items, method } = await orRefuse(this.results.likelyAnswers(uuid, page.method ?? null));
    const end = goes === 'FORTH' ? Math.min(items.length, (at ?? -1) + 1 + size) : (at ?? items.length);
    const begin = goes === 'FORTH' ? (at ?? -1) + 1 : Math.max(0, end - size);
    const shown = items.slice(begin, end);
    return likelyAnswers.toConnection(
      {
        nodes: shown.map((each) => toLikelyAnswerType(each, method)),
        keys: shown.map((_, place) => [begin + place]),
        hasNextPage: end < items.length,
        hasPreviousPage: begin > 0,
        count: async () => items.length,
      },
      cursor,
    );
  }

  @FieldResolver(() => disputes.Connection, {
    nullable: true,
    description:
      'Items of which somebody should decide what is right with adjudicateFeedbackItem, the least sure first.',
    complexity: (options) => 100 + pageComplexity(options),
  })
  disputed(
    @Root() { uuid }: FeedbackTaskType,
    @Args(() => DisputesArgs) page: DisputesArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    const reasons = page.reasons?.length ? page.reasons : (['UNSURE', 'DISAGREEMENT', 'FLAGGED'] as const);
    return childConnection({
      loader: loaders.feedback.disputesOfTask,
      parent: uuid,
      page,
      listing: { where: disputeConditions(reasons) },
      toNode: toDisputeType,
      toConnection: disputes.toConnection,
    });
  }

  @FieldResolver(() => FeedbackRankingType, {
    nullable: true,
    description: 'Of PAIRWISE and RANKING: which models, or settings, write the answers that people prefer.',
    complexity: ({ childComplexity }) => statisticComplexity + 10 * childComplexity,
  })
  async ranking(@Root() { uuid }: FeedbackTaskType, @Args(() => FeedbackRankingArgs) args: FeedbackRankingArgs) {
    const { of, baseline = null, ties, styleControl, rounds = null, seed } = args;
    const options = { of, baseline, ties, styleControl, rounds, seed };
    return toFeedbackRankingType(await orRefuse(this.results.ranking(uuid, options)));
  }

  @FieldResolver(() => FeedbackWinRateType, {
    nullable: true,
    description: 'Of PAIRWISE and RANKING: how often the answers of one are preferred to those of another.',
    complexity: ({ childComplexity }) => statisticComplexity + childComplexity,
  })
  async winRate(@Root() { uuid }: FeedbackTaskType, @Args(() => FeedbackWinRateArgs) args: FeedbackWinRateArgs) {
    const { of, competitor, against } = args;
    return toFeedbackWinRateType(await orRefuse(this.results.winRate(uuid, of, competitor, against)));
  }
}

@Resolver(() => FeedbackAnnotatorType)
export class FeedbackAnnotatorResolver {
  @FieldResolver(() => UserType, { description: 'Who it is.' })
  async user(@Root() { userUuid }: FeedbackAnnotatorType, @Ctx() { loaders }: GraphQLContext) {
    return toUserType(await existing(loaders.people.userById, userUuid));
  }
}

@Resolver(() => FeedbackLikelyAnswerType)
export class FeedbackLikelyAnswerResolver {
  @FieldResolver(() => FeedbackItemType, { description: 'The item.' })
  async item(@Root() { itemUuid }: FeedbackLikelyAnswerType, @Ctx() { loaders }: GraphQLContext) {
    return toFeedbackItemType(await existing(loaders.feedback.itemById, itemUuid));
  }
}

@Resolver(() => FeedbackDisputeType)
export class FeedbackDisputeResolver {
  @FieldResolver(() => [FeedbackVotesType], {
    description: 'What people said, the most frequent first; none of texts.',
    complexity: ({ childComplexity }) => 3 * childComplexity,
  })
  async votes(@Root() { itemUuid }: FeedbackDisputeType, @Ctx() { loaders }: GraphQLContext) {
    return (await loaders.feedback.votesOfItem.load(itemUuid)).map(toVotesType);
  }
}

@Resolver(() => FeedbackCompetitorType)
export class FeedbackCompetitorResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The model; null: it is not known, or is gone.' })
  async model(@Root() { modelUuid }: FeedbackCompetitorType, @Ctx() { loaders }: GraphQLContext) {
    const model = modelUuid === null ? null : await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }
}

@Resolver(() => FeedbackAdjudicationType)
export class FeedbackAdjudicationResolver {
  @FieldResolver(() => UserType, { nullable: true, description: 'Who decided it; null: nobody who is known.' })
  async decidedBy(@Root() { userUuid }: FeedbackAdjudicationType, @Ctx() { loaders }: GraphQLContext) {
    return userUuid === null ? null : toUserType(await existing(loaders.people.userById, userUuid));
  }
}

@Resolver(() => FeedbackItemType)
export class AdjudicateResolver {
  constructor(private readonly service: AdjudicateService) {}

  @FieldResolver(() => [FeedbackAdjudicationType], {
    description: 'All that was decided of it, the newest first, which counts.',
    complexity: ({ childComplexity }) => 3 * childComplexity,
  })
  async adjudications(@Root() { uuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext) {
    return (await loaders.feedback.adjudicationsOfItem.load(uuid)).map(toAdjudicationType);
  }

  @Mutation(() => adjudicateFeedbackItemResult, {
    description:
      'Says what is right of an item, whatever people said. The newest decision counts, also one after the task was closed; all are kept.',
  })
  adjudicateFeedbackItem(
    @Arg('input', () => AdjudicateFeedbackItemInput, { description: 'The item, and what is right of it.' })
    input: AdjudicateFeedbackItemInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('FeedbackItem', input.itemId, ['itemId']);
      await this.service.adjudicate(id, input.value, input.comment ?? null);
      loaders.feedback.adjudicationsOfItem.clear(id);
      return toFeedbackItemType(await loaded(loaders.feedback.itemById, id));
    });
  }
}
