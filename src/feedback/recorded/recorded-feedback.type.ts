import { Field, Float, Int, ObjectType } from 'type-graphql';
import { GenerationPromptType, toGenerationPromptType } from '../../generations/generation.type.js';
import { GenerationSettingsType, toGenerationSettingsType } from '../../generations/generation-settings.type.js';
import { connectionOf } from '../../graphql/connection.js';
import { globalId } from '../../graphql/global-id.js';
import { Node } from '../../graphql/node.type.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';
import { wilsonInterval } from '../../statistics/intervals.js';
import { type FeedbackQuestionType, FeedbackQuestionUnion, toFeedbackQuestionType } from '../feedback-question.type.js';
import { type FeedbackValueType, FeedbackValueUnion, toFeedbackValueType } from '../feedback-value.type.js';
import type { RecordedCountsRow, RecordedFeedbackRow } from './recorded-feedback.reads.js';

@ObjectType('RecordedFeedback', {
  description:
    'What a user of an application thought of something that a model wrote or predicted, with a copy of what was shown.',
  implements: Node,
  simpleResolvers: true,
})
export class RecordedFeedbackType extends Node {
  uuid!: string;
  projectUuid!: string;
  authorUuid!: string | null;
  modelUuid!: string | null;
  generationUuid!: string | null;

  @Field(() => FeedbackQuestionUnion, { description: 'What the feedback answers, as a task would ask it.' })
  question!: FeedbackQuestionType;

  @Field(() => FeedbackValueUnion, {
    description:
      'What was thought: a thumb, a score as a rating, the right labels, or a better answer as a correction.',
  })
  value!: FeedbackValueType;

  @Field(() => String, { nullable: true, description: 'What the person added; null: nothing.' })
  comment!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The application's pseudonym of the person in front of it; null: it gave none.",
  })
  subject!: string | null;

  @Field(() => String, { description: "The model's name at that time." })
  modelName!: string;

  @Field(() => GenerationPromptType, {
    nullable: true,
    description: 'What the model was to go on from; null of a prediction.',
  })
  prompt!: GenerationPromptType | null;

  @Field(() => Int, { nullable: true, description: 'Which prompt of the generation, from 0; null of a prediction.' })
  promptIndex!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Which of the answers to the prompt, from 0; null of a prediction.',
  })
  sampleIndex!: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the model wrote; of a prediction what it predicted, null where the application did not say.',
  })
  answer!: string | null;

  @Field(() => GenerationSettingsType, {
    nullable: true,
    description: 'How the answer was written; null of a prediction.',
  })
  settings!: GenerationSettingsType | null;

  @Field(() => String, { nullable: true, description: 'The head that predicted; null of a generated answer.' })
  task!: string | null;

  @Field(() => String, { nullable: true, description: 'The text of a prediction; null of a generated answer.' })
  text!: string | null;

  @Field(() => String, { nullable: true, description: 'The second text of a prediction; null: there was none.' })
  pair!: string | null;

  @Field(() => [String], { nullable: true, description: 'The labels that were predicted; null: it was not said.' })
  predictedLabels!: readonly string[] | null;

  @Field(() => Float, { nullable: true, description: 'How probable the model found them; null: it was not said.' })
  probability!: number | null;

  @Field(() => DateTime, { description: 'When it was recorded.' })
  createdAt!: Date;
}

export const recordedFeedback = connectionOf('RecordedFeedback', 'pieces of feedback', RecordedFeedbackType);

export const recordFeedbackResult = resultUnion(
  'RecordFeedbackResult',
  'What was recorded; or why nothing was.',
  RecordedFeedbackType,
);

export function toRecordedFeedbackType(row: RecordedFeedbackRow): RecordedFeedbackType {
  const { id, projectId, createdBy, baseModelId, generationId, target, content, question, value, ...rest } = row;
  const { prompt, text, answers } = content;
  const ofAnswer = target.kind === 'answer' ? target : null;
  const ofPrediction = target.kind === 'prediction' ? target : null;
  return Object.assign(new RecordedFeedbackType(), rest, {
    id: globalId('RecordedFeedback', id),
    uuid: id,
    projectUuid: projectId,
    authorUuid: createdBy,
    modelUuid: baseModelId,
    generationUuid: generationId,
    question: toFeedbackQuestionType(question),
    value: toFeedbackValueType(value),
    modelName: target.modelName,
    prompt: ofAnswer === null || prompt === null ? null : toGenerationPromptType(prompt),
    promptIndex: ofAnswer?.prompt ?? null,
    sampleIndex: ofAnswer?.sample ?? null,
    answer:
      ofPrediction === null ? (answers[0]?.text ?? null) : (ofPrediction.shown ?? shownLabels(ofPrediction.labels)),
    settings: ofAnswer === null ? null : toGenerationSettingsType(ofAnswer.settings),
    task: ofPrediction?.task ?? null,
    text,
    pair: ofPrediction?.pair ?? null,
    predictedLabels: ofPrediction?.labels ?? null,
    probability: ofPrediction?.probability ?? null,
  });
}

export function shownLabels(labels: readonly string[] | null): string | null {
  return labels === null ? null : labels.join(', ');
}

@ObjectType('RecordedFeedbackCounts', {
  description: 'How much feedback of applications a model has.',
  simpleResolvers: true,
})
export class RecordedCountsType {
  @Field(() => BigIntScalar, { description: 'All of it.' })
  count!: number;

  @Field(() => BigIntScalar, { description: 'Thumbs up.' })
  thumbsUp!: number;

  @Field(() => BigIntScalar, { description: 'Thumbs down.' })
  thumbsDown!: number;

  @Field(() => Float, { nullable: true, description: 'The share of thumbs that are up; null: there are no thumbs.' })
  thumbsUpShare!: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "The lower end of the share's 95 % interval (Wilson 1927), as if each thumb were another person's; null: there are no thumbs.",
  })
  thumbsUpShareLow!: number | null;

  @Field(() => Float, { nullable: true, description: 'The upper end of that interval; null: there are no thumbs.' })
  thumbsUpShareHigh!: number | null;

  @Field(() => BigIntScalar, { description: 'Scores.' })
  scores!: number;

  @Field(() => BigIntScalar, { description: 'Predictions whose right labels were given.' })
  corrected!: number;

  @Field(() => BigIntScalar, { description: 'Better answers.' })
  betterAnswers!: number;
}

const none = { count: 0, thumbsUp: 0, thumbsDown: 0, scores: 0, corrected: 0, betterAnswers: 0 };

/** @param row null: the model has no feedback */
export function toRecordedCountsType(row: RecordedCountsRow | null): RecordedCountsType {
  const { count, thumbsUp, thumbsDown, scores, corrected, betterAnswers } = row ?? none;
  const thumbs = thumbsUp + thumbsDown;
  const interval = wilsonInterval(thumbsUp, thumbs);
  return Object.assign(new RecordedCountsType(), {
    count,
    thumbsUp,
    thumbsDown,
    thumbsUpShare: thumbs === 0 ? null : thumbsUp / thumbs,
    thumbsUpShareLow: interval?.low ?? null,
    thumbsUpShareHigh: interval?.high ?? null,
    scores,
    corrected,
    betterAnswers,
  });
}
