import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { ProblemType, resultUnion, toProblemType } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime, Seed } from '../graphql/scalars.js';
import {
  FeedbackCloseReason,
  type FeedbackEnds,
  type FeedbackKind,
  type FeedbackOverlap,
  FeedbackTaskStatus,
} from '../protocol/feedback.js';
import {
  FeedbackKindEnum,
  type FeedbackQuestionType,
  FeedbackQuestionUnion,
  toFeedbackQuestionType,
} from './feedback-question.type.js';
import { FeedbackOrderEnum } from './feedback-task.input.js';
import type { FeedbackInstructionsRow, FeedbackOrder, FeedbackTaskRow } from './feedback-task.reads.js';

/** Copies: each name of an enum in the graph needs an object of its own. */
export const FeedbackTaskStatusEnum = { ...FeedbackTaskStatus.enum };
export const FeedbackCloseReasonEnum = { ...FeedbackCloseReason.enum };

registerEnumType(FeedbackTaskStatusEnum, {
  name: 'FeedbackTaskStatus',
  description: 'Where a feedback task stands.',
  valuesConfig: {
    PREPARING: { description: 'Its items are being made.' },
    OPEN: { description: 'People get items.' },
    PAUSED: { description: 'Nobody gets an item; answers to those that are held are taken.' },
    CLOSED: { description: 'It has ended, for good.' },
    FAILED: { description: 'Its items could not be made; `problem` says why.' },
  },
});

registerEnumType(FeedbackCloseReasonEnum, {
  name: 'FeedbackCloseReason',
  description: 'Why a feedback task is closed. New reasons may be added.',
  valuesConfig: {
    BY_REQUEST: { description: 'Somebody closed it.' },
    ITEMS_SETTLED: { description: 'All items were settled.' },
    ANSWERS_REACHED: { description: 'There were as many answers as it was to get.' },
    AGREEMENT_REACHED: { description: 'People agreed as far as it asked for.' },
  },
});

@ObjectType('FeedbackInstructions', {
  description: 'What people are to go by, in one of its versions.',
  simpleResolvers: true,
})
export class FeedbackInstructionsType {
  @Field(() => Int, { description: 'Counts from 1 within the task.' })
  version!: number;

  @Field(() => String, { description: 'The text, in Markdown.' })
  text!: string;

  @Field(() => DateTime, { description: 'When it was written.' })
  createdAt!: Date;
}

@ObjectType('FeedbackOverlap', { description: 'How many answers an item gets.', simpleResolvers: true })
class FeedbackOverlapType implements FeedbackOverlap {
  @Field(() => Int, { description: 'Answers at least.' })
  atLeast!: number;

  @Field(() => Int, { description: 'Answers at most.' })
  atMost!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'How probable the likeliest answer has to be before `atMost`, if each person is right with probability 0.8; null: each item gets `atMost`.',
  })
  sureAt!: number | null;
}

@ObjectType('FeedbackAgreementEnd', { description: 'Agreement at which a task closes.', simpleResolvers: true })
class FeedbackAgreementEndType {
  @Field(() => Float, { description: "Krippendorff's alpha at least." })
  alpha!: number;

  @Field(() => Int, { description: 'Over so many items with two answers at least.' })
  units!: number;
}

@ObjectType('FeedbackEnds', {
  description: 'When a task closes by itself: at the first of these.',
  simpleResolvers: true,
})
class FeedbackEndsType implements FeedbackEnds {
  @Field(() => Boolean, { description: 'Once all items are settled.' })
  itemsSettled!: boolean;

  @Field(() => Int, { nullable: true, description: 'Once there are so many answers; null: never for that.' })
  answers!: number | null;

  @Field(() => FeedbackAgreementEndType, {
    nullable: true,
    description: 'Once people agree so far; null: never for that.',
  })
  agreement!: FeedbackAgreementEndType | null;
}

@ObjectType('FeedbackCounts', {
  description: 'How far a task is. Gold items and repetitions are counted apart.',
  simpleResolvers: true,
})
export class FeedbackCountsType {
  taskUuid!: string;
  projectUuid!: string;
  isClosed!: boolean;
  settledCount!: number;
  answerCount!: number;
  goldCount!: number;
  goldAnswerCount!: number;
  repeatCount!: number;

  @Field(() => BigIntScalar, { description: 'Items, without those of gold.' })
  items!: number;

  @Field(() => BigIntScalar, { description: 'Times that somebody skipped an item.' })
  skipped!: number;

  @Field(() => BigIntScalar, { description: 'Times that somebody flagged an item.' })
  flagged!: number;
}

@ObjectType('FeedbackTask', {
  description: 'A task in which people answer a question about items.',
  implements: Node,
  simpleResolvers: true,
})
export class FeedbackTaskType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  participantUuids!: readonly string[] | null;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => FeedbackKindEnum, { description: 'The kind of its question.' })
  kind!: FeedbackKind;

  @Field(() => FeedbackQuestionUnion, { description: 'What people are asked of each item.' })
  question!: FeedbackQuestionType;

  @Field(() => FeedbackTaskStatusEnum, { description: 'Where it stands.' })
  status!: FeedbackTaskStatus;

  @Field(() => FeedbackCloseReasonEnum, { nullable: true, description: 'Why it is closed; null while it is not.' })
  closedReason!: FeedbackCloseReason | null;

  @Field(() => FeedbackOverlapType, { description: 'How many answers an item gets.' })
  overlap!: FeedbackOverlapType;

  @Field(() => Boolean, {
    description:
      'Whether its overlap was changed, and not all its items are judged by it yet: of many, that goes on in the background, and the task does not close for settled items before its end.',
  })
  isJudgedAnew!: boolean;

  @Field(() => FeedbackOrderEnum, { description: 'Which item is handed out next.' })
  order!: FeedbackOrder;

  @Field(() => Float, { description: 'The share of items that are drawn instead of taken in order.' })
  randomShare!: number;

  @Field(() => Boolean, { description: "Whether annotators see nothing of others' answers before it is closed." })
  blind!: boolean;

  @Field(() => Int, { description: 'How many seconds an item is held for whoever claimed it.' })
  claimSeconds!: number;

  @Field(() => Float, { description: 'The share of gold items among those that a person gets.' })
  goldShare!: number;

  @Field(() => Float, { description: 'The share of items that a person gets a second time.' })
  repeatShare!: number;

  @Field(() => FeedbackEndsType, { description: 'When it closes by itself.' })
  ends!: FeedbackEndsType;

  @Field(() => Seed, {
    description:
      'Decides, with a secret of the task, the order in which each person sees the answers of an item, and the keys of answers that came without.',
  })
  seed!: number;

  @Field(() => FeedbackCountsType, { description: 'How far it is.' })
  counts!: FeedbackCountsType;

  @Field(() => ProblemType, { nullable: true, description: 'The error, if it failed.' })
  problem!: ProblemType | null;

  @Field(() => DateTime, { description: 'When it was created.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was first opened; null: it was not yet.' })
  openedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was closed, or failed.' })
  closedAt!: Date | null;
}

export const feedbackTasks = connectionOf('FeedbackTask', 'feedback tasks', FeedbackTaskType);

const taskResult = (name: string, what: string) => resultUnion(name, what, FeedbackTaskType);

export const createFeedbackTaskResult = taskResult('CreateFeedbackTaskResult', 'The task; or why there is none.');
export const updateFeedbackTaskResult = taskResult(
  'UpdateFeedbackTaskResult',
  'The changed task; or why nothing was changed.',
);
export const pauseFeedbackTaskResult = taskResult('PauseFeedbackTaskResult', 'The task; or why it was not paused.');
export const resumeFeedbackTaskResult = taskResult('ResumeFeedbackTaskResult', 'The task; or why it was not opened.');
export const closeFeedbackTaskResult = taskResult('CloseFeedbackTaskResult', 'The task; or why it was not closed.');

export function toFeedbackTaskType(row: FeedbackTaskRow): FeedbackTaskType {
  const { id, projectId, createdBy, participants, question, problem, ...rest } = row;
  const { itemCount, settledCount, answerCount, skipCount, flagCount, goldCount, goldAnswerCount, repeatCount } = row;
  return Object.assign(new FeedbackTaskType(), rest, {
    id: globalId('FeedbackTask', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    participantUuids: participants,
    question: toFeedbackQuestionType(question),
    problem: problem === null ? null : toProblemType(problem),
    counts: Object.assign(new FeedbackCountsType(), {
      taskUuid: id,
      projectUuid: projectId,
      isClosed: row.status === 'CLOSED',
      items: itemCount,
      skipped: skipCount,
      flagged: flagCount,
      settledCount,
      answerCount,
      goldCount,
      goldAnswerCount,
      repeatCount,
    }),
  });
}

export function toFeedbackInstructionsType({ version, text, createdAt }: FeedbackInstructionsRow) {
  return Object.assign(new FeedbackInstructionsType(), { version, text, createdAt });
}
