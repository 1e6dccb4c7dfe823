import { Extensions, Field, Float, ID, InputType, Int } from 'type-graphql';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { projectSlugOptions } from '../../graphql/project-slug.js';
import { feedbackLimits as limits } from '../../protocol/feedback/feedback-limits.js';
import { ThumbsValueType } from '../feedback-value.type.js';

/** Characters of the name that an application gives the person in front of it. */
export const maxSubjectCharacters = 200;

@InputType({ description: 'An answer that a model generated.' })
export class AnswerTargetInput {
  @Field(() => ID, {
    description:
      'The generation. A client of the OpenAI-compatible endpoint finds its id in the `id` of the completion, behind `chatcmpl-` or `cmpl-`, and may give that as it is. Generations are kept for 7 days; what is recorded keeps a copy of prompt and answer.',
  })
  generationId!: string;

  @Field(() => Int, { defaultValue: 0, description: 'Which of its prompts, from 0.' })
  prompt!: number;

  @Field(() => Int, { defaultValue: 0, description: 'Which of the answers to the prompt, from 0.' })
  sample!: number;
}

@InputType({
  description:
    'What a model predicted for a text, as the application tells it: what it asked and what it showed. Predictions are kept for an hour; within it, `predicted` does with their id.',
})
export class PredictionTargetInput {
  @Field(() => ID, { nullable: true, description: 'The model that predicted. Left out where `alias` is given.' })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'In place of `modelId`: an alias in the project; the model that it stands for now, which may be another one than predicted. Better take the `model` of the prediction.',
  })
  alias?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Name of the head that predicted. Default: the only head of the model.',
  })
  task?: string | null;

  @Field(() => String, { description: `The text, of at most ${limits.maxTextCharacters} characters.` })
  text!: string;

  @Field(() => String, { nullable: true, description: 'The second text, of a model that reads pairs.' })
  pair?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'The labels that were predicted: of a classification head exactly one. Thumbs and scores of such heads need them, as they are about them.',
  })
  labels?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: `What was shown, of heads that predict numbers or tags, at most ${limits.maxTextCharacters} characters. Thumbs and scores of such heads need it.`,
  })
  shown?: string | null;

  @Field(() => Float, { nullable: true, description: 'How probable the model found it, from 0 to 1.' })
  probability?: number | null;
}

@InputType({ description: 'What `predict` said of a text.' })
export class PredictedTargetInput {
  @Field(() => ID, {
    description:
      'The `feedbackId` of the prediction, which is kept for an hour; what is recorded keeps a copy of the text and of what was predicted.',
  })
  feedbackId!: string;

  @Field(() => Int, { defaultValue: 0, description: 'Which of its texts, from 0.' })
  text!: number;

  @Field(() => String, {
    nullable: true,
    description: 'Name of the head that predicted. Default: the only head of the model.',
  })
  task?: string | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What feedback is about: exactly one of the fields.' })
export class FeedbackTargetInput {
  @Field(() => AnswerTargetInput, { nullable: true, description: 'A generated answer.' })
  answer?: AnswerTargetInput | null;

  @Field(() => PredictedTargetInput, { nullable: true, description: 'A prediction, by its id.' })
  predicted?: PredictedTargetInput | null;

  @Field(() => PredictionTargetInput, { nullable: true, description: 'A prediction, as the application tells it.' })
  prediction?: PredictionTargetInput | null;
}

@InputType({ description: 'A point on a scale.' })
export class RecordedScoreInput {
  @Field(() => Int, { description: 'The point.' })
  score!: number;

  @Field(() => Int, { defaultValue: 1, description: 'The worst point of the scale.' })
  from!: number;

  @Field(() => Int, { defaultValue: 5, description: 'The best point of the scale, at most 100 above the worst.' })
  to!: number;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What was thought of it: exactly one of the fields. Further calls can add others.' })
export class RecordedValueInput {
  @Field(() => ThumbsValueType, { nullable: true, description: 'Thumb up or down, and why.' })
  thumb?: ThumbsValueType | null;

  @Field(() => RecordedScoreInput, { nullable: true, description: 'A point on a scale.' })
  score?: RecordedScoreInput | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'The right labels of the text of a prediction: labels that the head knows, of a classification head exactly one.',
  })
  labels?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: `A better answer than the generated one, of at most ${limits.maxTextCharacters} characters.`,
  })
  betterAnswer?: string | null;
}

@InputType({ description: 'What a user of an application thought of something that a model wrote or predicted.' })
export class RecordFeedbackInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => FeedbackTargetInput, { description: 'What it is about.' })
  target!: FeedbackTargetInput;

  @Field(() => RecordedValueInput, { description: 'What was thought of it.' })
  feedback!: RecordedValueInput;

  @Field(() => String, {
    nullable: true,
    description: `What the person added, in at most ${limits.maxReasonCharacters} characters.`,
  })
  comment?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Who the person is, by a pseudonym that the application chooses, of at most ${maxSubjectCharacters} characters. Never a name or an address: it is shown to all who read the feedback.`,
  })
  subject?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
