import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { ClassificationScores } from '../protocol/evaluation-scores.js';
import { AveragedScoresType, commonFieldsOf, HeadScoresType } from './head-scores.type.js';

@ObjectType('ClassScores', { description: 'Scores of one class.', simpleResolvers: true })
export class ClassScoresType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, {
    description: 'Share of the examples predicted as this class that are of it; 0 when there are none.',
  })
  precision!: number;

  @Field(() => Number, {
    description: 'Share of the examples of this class that were predicted as it; 0 when there are none.',
  })
  recall!: number;

  @Field(() => Number, { description: 'Harmonic mean of precision and recall; 0 when both are 0.' })
  f1!: number;

  @Field(() => BigIntScalar, { description: 'Examples whose true label this is.' })
  support!: number;
}

@ObjectType('ConfusionMatrix', {
  description:
    'How many examples of each true label were predicted as each label. Examples with an unknown label have no row.',
  simpleResolvers: true,
})
export class ConfusionMatrixType {
  @Field(() => [String], { description: 'The labels of the rows, and of the columns, in their order.' })
  labels!: string[];

  @Field(() => [[BigIntScalar]], { description: 'Examples by true label (row) and predicted label (column).' })
  counts!: number[][];
}

@ObjectType('TaskScores', {
  description: 'Scores of one classification task.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class ClassificationScoresType extends HeadScoresType {
  @Field(() => Number, { description: 'Share of examples predicted right, from 0 to 1.' })
  accuracy!: number;

  @Field(() => AveragedScoresType, { description: 'Every class counts the same.' })
  macro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Every example counts the same.' })
  micro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Classes count by their support.' })
  weighted!: AveragedScoresType;

  @Field(() => [ClassScoresType], { description: 'In the order of the labels.' })
  perClass!: ClassScoresType[];

  @Field(() => ConfusionMatrixType, { description: 'How many examples of each label were predicted as each.' })
  confusionMatrix!: ConfusionMatrixType;
}

export function toClassificationScoresType(scores: ClassificationScores): ClassificationScoresType {
  const labels = scores.perClass.map(({ label }) => label);
  return Object.assign(new ClassificationScoresType(), scores, commonFieldsOf(scores), {
    confusionMatrix: { labels, counts: scores.confusionMatrix },
  });
}
