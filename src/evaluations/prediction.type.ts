import { Field, Int, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import type { TextPrediction } from '../protocol/job.js';

@ObjectType('LabelProbability', { description: 'How likely a label is.', simpleResolvers: true })
export class LabelProbabilityType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: "From 0 to 1; a task's probabilities sum to 1." })
  probability!: number;
}

@ObjectType('TaskPrediction', { description: 'What one head says about a text.', simpleResolvers: true })
export class TaskPredictionType {
  @Field(() => String, { description: 'Name of the head.' })
  task!: string;

  @Field(() => [LabelProbabilityType], { description: 'All its labels, most likely first.' })
  labels!: LabelProbabilityType[];
}

@ObjectType('TextPrediction', { description: 'What a model says about a text.', simpleResolvers: true })
export class TextPredictionType {
  @Field(() => Int, { description: 'Tokens the model saw, special tokens included.' })
  tokenCount!: number;

  @Field(() => Boolean, { description: 'Whether the text was cut because it has more tokens than the model reads.' })
  truncated!: boolean;

  @Field(() => [TaskPredictionType], { description: 'One a head.' })
  tasks!: TaskPredictionType[];
}

@ObjectType('Prediction', { description: 'What a model says about texts.', simpleResolvers: true })
export class PredictionType {
  @Field(() => [TextPredictionType], { description: 'One a text, in the order they were given.' })
  texts!: TextPredictionType[];
}

export const predictResult = resultUnion('PredictResult', 'The predictions, or why there are none.', PredictionType);

export function toPredictionType(texts: readonly TextPrediction[]): PredictionType {
  return Object.assign(new PredictionType(), { texts });
}
