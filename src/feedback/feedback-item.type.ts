import { Field, Float, Int, ObjectType } from 'type-graphql';
import { GenerationPromptType, toGenerationPromptType } from '../generations/generation.type.js';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { ModelJudgement } from '../protocol/feedback.js';
import type { FeedbackItemRow } from './feedback-item.reads.js';
import { FeedbackTaskType } from './feedback-task.type.js';
import { type FeedbackValueType, FeedbackValueUnion, toFeedbackValueType } from './feedback-value.type.js';

@ObjectType('AnswerSetting', { description: 'A setting that an answer was written with.', simpleResolvers: true })
export class AnswerSettingType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'Its value; numbers and lists as JSON.' })
  value!: string;
}

@ObjectType('JudgedAnswer', { description: 'An answer that people judge, and what wrote it.' })
export class JudgedAnswerType {
  modelUuid!: string | null;
  generationUuid!: string | null;

  @Field(() => String, { description: 'Names it in what people say of it.', simple: true })
  key!: string;

  @Field(() => String, { description: 'Its text.', simple: true })
  text!: string;

  @Field(() => [AnswerSettingType], {
    description: 'How it was written, as far as that is known.',
    simple: true,
  })
  settings!: AnswerSettingType[];
}

@ObjectType('FeedbackModelJudgement', {
  description: 'What a reward model said of a pair of answers that nobody is asked about.',
  simpleResolvers: true,
})
export class FeedbackModelJudgementType implements Omit<ModelJudgement, 'modelId'> {
  modelUuid!: string;

  @Field(() => String, { description: 'Key of the answer with the higher reward.' })
  preferred!: string;

  @Field(() => Float, {
    description: "By how much it is higher, in standard deviations of the model's rewards of held-out answers.",
  })
  gap!: number;

  @Field(() => Float, { description: 'How sure the model is of that, from 0.5 to 1.' })
  probability!: number;
}

@ObjectType('FeedbackItem', {
  description: 'What people are asked about, and what became of it. Annotators see its content through their claims.',
  implements: Node,
  simpleResolvers: true,
})
export class FeedbackItemType extends Node {
  uuid!: string;
  projectUuid!: string;
  taskUuid!: string;
  versionUuid!: string | null;
  adjudicatedByUuid!: string | null;

  @Field(() => BigIntScalar, { description: 'Counts from 1 within the task, in the order in which items were added.' })
  position!: number;

  @Field(() => GenerationPromptType, { nullable: true, description: 'What was asked for; null: nothing.' })
  prompt!: GenerationPromptType | null;

  @Field(() => String, { nullable: true, description: 'The text that the question is about; null: it has answers.' })
  text!: string | null;

  @Field(() => [JudgedAnswerType], { description: 'The answers that are judged, as they were given.' })
  answers!: JudgedAnswerType[];

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The row of `datasetVersion` that it was made of, from 0; null: it was made of none.',
  })
  row!: number | null;

  @Field(() => String, { description: 'Items of equal group go into the same split of a dataset.' })
  group!: string;

  @Field(() => FeedbackValueUnion, {
    nullable: true,
    description: 'What is known to be right; null: it is no gold item.',
  })
  gold!: FeedbackValueType | null;

  @Field(() => Float, { nullable: true, description: 'For orders by a score, the greatest first; null: none.' })
  priority!: number | null;

  @Field(() => Int, { description: 'Answers that count; those to gold items do not.' })
  answerCount!: number;

  @Field(() => Int, { description: 'Answers that it needs, as far as is known.' })
  wanted!: number;

  @Field(() => Int, { description: 'How many people flagged it.' })
  flagCount!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it had all answers that it needs; null: it has not.' })
  settledAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What is likeliest by its answers, written as statistics compare it: the key of an answer, `:BOTH_GOOD`, `:NEITHER`, a label, a number, UP or DOWN; sets, ranks and spans as JSON. Null before it is settled, and of texts.',
  })
  settledCategory!: string | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'How probable that is, if each person is right with probability 0.8; of what a reward model judged, how sure it is.',
  })
  settledProbability!: number | null;

  @Field(() => FeedbackValueUnion, { nullable: true, description: 'What was decided in a dispute; null: nothing was.' })
  adjudicated!: FeedbackValueType | null;

  @Field(() => DateTime, { nullable: true, description: 'When that was decided.' })
  adjudicatedAt!: Date | null;

  @Field(() => FeedbackModelJudgementType, {
    nullable: true,
    description: 'What a reward model said of it in place of people; null: none did.',
  })
  modelJudgement!: FeedbackModelJudgementType | null;

  @Field(() => DateTime, { description: 'When it was added.' })
  createdAt!: Date;
}

export const feedbackItems = connectionOf('FeedbackItem', 'items', FeedbackItemType);

@ObjectType('AddedFeedbackItems', { description: 'What was added to a task.', simpleResolvers: true })
export class AddedFeedbackItemsType {
  @Field(() => FeedbackTaskType, { description: 'The task.' })
  task!: FeedbackTaskType;

  @Field(() => Int, { description: 'How many items.' })
  count!: number;

  @Field(() => BigIntScalar, { description: 'The position of the first one.' })
  firstPosition!: number;

  @Field(() => BigIntScalar, { description: 'The position of the last one.' })
  lastPosition!: number;
}

export const addFeedbackItemsResult = resultUnion(
  'AddFeedbackItemsResult',
  'What was added; or why nothing was.',
  AddedFeedbackItemsType,
);

export function toFeedbackItemType(row: FeedbackItemRow): FeedbackItemType {
  const { id, projectId, taskId, content, gold, adjudicated, adjudicatedBy, modelJudgement, ...rest } = row;
  const { prompt, text, answers, group } = content;
  return Object.assign(new FeedbackItemType(), rest, {
    id: globalId('FeedbackItem', id),
    uuid: id,
    projectUuid: projectId,
    taskUuid: taskId,
    versionUuid: content.row?.versionId ?? null,
    adjudicatedByUuid: adjudicatedBy,
    prompt: prompt === null ? null : toGenerationPromptType(prompt),
    text,
    answers: answers.map(({ key, text: written, modelId, generationId, settings }) =>
      Object.assign(new JudgedAnswerType(), {
        key,
        text: written,
        modelUuid: modelId,
        generationUuid: generationId,
        settings: toAnswerSettingTypes(settings),
      }),
    ),
    row: content.row?.row ?? null,
    group,
    gold: gold === null ? null : toFeedbackValueType(gold),
    adjudicated: adjudicated === null ? null : toFeedbackValueType(adjudicated),
    modelJudgement: modelJudgement === null ? null : toModelJudgementType(modelJudgement),
  });
}

function toModelJudgementType({ modelId, ...judgement }: ModelJudgement): FeedbackModelJudgementType {
  return Object.assign(new FeedbackModelJudgementType(), judgement, { modelUuid: modelId });
}

/** How an answer was written, a name and a value each. */
export function toAnswerSettingTypes(settings: Readonly<Record<string, unknown>> | null): AnswerSettingType[] {
  return Object.entries(settings ?? {}).map(([name, value]) =>
    Object.assign(new AnswerSettingType(), {
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }),
  );
}
