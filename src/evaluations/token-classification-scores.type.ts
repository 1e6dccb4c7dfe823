import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { AveragedScoresType, HeadScoresType } from './head-scores.type.js';

@ObjectType('TagScores', { description: 'Scores of one tag, or of one type of entity.', simpleResolvers: true })
export class TagScoresType {
  @Field(() => String, { description: 'The tag, or the type.' })
  label!: string;

  @Field(() => Number, {
    description: 'Share of the words, or entities, predicted as this label that have it; 0 when there are none.',
  })
  precision!: number;

  @Field(() => Number, {
    description: 'Share of the words, or entities, of this label that were predicted as it; 0 when there are none.',
  })
  recall!: number;

  @Field(() => Number, { description: 'Harmonic mean of precision and recall; 0 when both are 0.' })
  f1!: number;

  @Field(() => BigIntScalar, { description: 'Words, or entities, that are this.' })
  support!: number;

  @Field(() => BigIntScalar, { description: 'Words, or entities, that were predicted as this.' })
  predicted!: number;

  @Field(() => BigIntScalar, { description: 'Words, or entities, that are this and were predicted as it.' })
  truePositives!: number;
}

@ObjectType('EntityScores', {
  description: 'Scores of entities. An entity is right when both its borders and its type are right, as in CoNLL.',
  simpleResolvers: true,
})
export class EntityScoresType {
  @Field(() => AveragedScoresType, { description: 'Every entity counts the same.' })
  micro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Every type counts the same.' })
  macro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Types count by their support.' })
  weighted!: AveragedScoresType;

  @Field(() => [TagScoresType], {
    description: 'One for each type that is true or predicted anywhere, in alphabetical order.',
  })
  perType!: TagScoresType[];
}

@ObjectType('TokenClassificationScores', {
  description:
    'Scores of one token classification task: a word counts by its first token. A ratio of nothing to nothing counts as 0.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class TokenClassificationScoresType extends HeadScoresType {
  @Field(() => BigIntScalar, { description: 'Words scored: those that have a tag and that the model saw.' })
  wordCount!: number;

  @Field(() => Number, { description: 'Share of the words whose tag is right, from 0 to 1.' })
  accuracy!: number;

  @Field(() => AveragedScoresType, { description: 'Every tag counts the same.' })
  macro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Tags count by their support.' })
  weighted!: AveragedScoresType;

  @Field(() => [TagScoresType], { description: 'One for each tag, in the order of the logits.' })
  perTag!: TagScoresType[];

  @Field(() => EntityScoresType, {
    nullable: true,
    description: 'Scores of the entities that IOB2 tags mark; null for plain tags.',
  })
  entities!: EntityScoresType | null;
}
