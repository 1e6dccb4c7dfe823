import { Field, Float, ID, InputType } from 'type-graphql';
import { PromptInput } from '../generations/generation.input.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { feedbackLimits as limits } from '../protocol/feedback/feedback-limits.js';
import { FeedbackValueInput } from './feedback-value.type.js';

/** How many items one call may add. */
export const maxItemsOfCall = 1000;

@InputType({ description: 'A setting that an answer was written with.' })
export class AnswerSettingInput {
  @Field(() => String, { description: 'Its name, such as temperature.' })
  name!: string;

  @Field(() => String, { description: 'Its value.' })
  value!: string;
}

@InputType({ description: 'An answer that people judge.' })
export class JudgedAnswerInput {
  @Field(() => String, {
    nullable: true,
    description: `Names it in what people say of it; they see it, so that it should not tell who wrote the answer. At most ${limits.maxNameCharacters} characters, no colon at the beginning. Default: a, b, …, which is whose being drawn for each item.`,
  })
  key?: string | null;

  @Field(() => String, { description: `Its text, of at most ${limits.maxTextCharacters} characters.` })
  text!: string;

  @Field(() => ID, { nullable: true, description: 'The model that wrote it, which people do not see.' })
  modelId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The generation that it is from, which people do not see.' })
  generationId?: string | null;

  @Field(() => [AnswerSettingInput], {
    defaultValue: [],
    description: 'How it was written, for whoever reads the results; people do not see it.',
  })
  settings!: AnswerSettingInput[];
}

@InputType({ description: 'The row of a dataset version that an item was made of.' })
export class FeedbackRowInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => BigIntScalar, { description: 'The row, from 0.' })
  row!: number | bigint;
}

@InputType({
  description:
    'What people are asked about. A comparison needs two `answers`, a ranking at least two, writing a `prompt`; all other questions are about one text: `text`, or exactly one of `answers`.',
})
export class FeedbackItemInput {
  @Field(() => PromptInput, { nullable: true, description: 'What was asked for.' })
  prompt?: PromptInput | null;

  @Field(() => String, {
    nullable: true,
    description: `The text that the question is about, of at most ${limits.maxTextCharacters} characters.`,
  })
  text?: string | null;

  @Field(() => [JudgedAnswerInput], {
    defaultValue: [],
    description: `The answers that are judged, at most ${limits.maxAnswers}. Each person sees them in an order of their own.`,
  })
  answers!: JudgedAnswerInput[];

  @Field(() => FeedbackRowInput, { nullable: true, description: 'The row of a dataset version that it was made of.' })
  row?: FeedbackRowInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Items of equal group go into the same split of a dataset. Default: items of equal prompt are a group; of items without one, those of equal text.',
  })
  group?: string | null;

  @Field(() => FeedbackValueInput, {
    nullable: true,
    description:
      'What is known to be right, in which answers without a key are called a, b, … by their place here. The item is then mixed in to see how well people do; answers to it count toward nothing.',
  })
  gold?: FeedbackValueInput | null;

  @Field(() => Float, {
    nullable: true,
    description: 'For orders by a score, the greatest first. Default: after all others.',
  })
  priority?: number | null;
}

@InputType({ description: 'Items to add to a task.' })
export class AddFeedbackItemsInput {
  @Field(() => ID, { description: 'The task, which is not closed.' })
  taskId!: string;

  @Field(() => [FeedbackItemInput], {
    description: `1 to ${maxItemsOfCall} items, in their order. All of them are added, or none.`,
  })
  items!: FeedbackItemInput[];

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
