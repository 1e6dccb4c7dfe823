import { Field, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import { parseExactly } from '../../preparation/json-text.js';
import { DatasetType } from '../dataset.type.js';
import type { AppendedExampleRow } from './appended-example.reads.js';

@ObjectType('AppendedExample', {
  description: 'An example that was appended to a dataset, and is in no version yet.',
  simpleResolvers: true,
})
export class AppendedExampleType {
  preparationUuid!: string | null;

  @Field(() => BigIntScalar, {
    description: 'Its number in the dataset: ascending in the order in which examples came, and never given again.',
  })
  number!: number;

  @Field(() => String, { nullable: true, description: 'The split that it belongs to; null: it gets one.' })
  split!: string | null;

  @Field(() => Json, { description: 'Its values, as an object of column name → value; missing ones are left out.' })
  values!: unknown;

  @Field(() => DateTime, { description: 'When it was appended.' })
  appendedAt!: Date;
}

export const appendedExamples = connectionOf('AppendedExample', 'appended examples', AppendedExampleType);

@ObjectType('AppendedExamples', { description: 'What a call appended.', simpleResolvers: true })
export class AppendedExamplesType {
  @Field(() => DatasetType, { description: 'The dataset.' })
  dataset!: DatasetType;

  @Field(() => Int, { description: 'How many examples were appended.' })
  count!: number;

  @Field(() => BigIntScalar, { description: 'The number of the first of them.' })
  firstNumber!: number;

  @Field(() => BigIntScalar, { description: 'The number of the last of them; there are no gaps between.' })
  lastNumber!: number;
}

@ObjectType('DiscardedExamples', { description: 'What was discarded.', simpleResolvers: true })
export class DiscardedExamplesType {
  @Field(() => DatasetType, { description: 'The dataset.' })
  dataset!: DatasetType;

  @Field(() => BigIntScalar, {
    description: 'How many examples were discarded. Those of which a version is being made are not among them.',
  })
  count!: number;
}

export const appendExamplesResult = resultUnion(
  'AppendExamplesResult',
  'What was appended; or why nothing was.',
  AppendedExamplesType,
);

export const discardAppendedExamplesResult = resultUnion(
  'DiscardAppendedExamplesResult',
  'What was discarded; or why nothing was.',
  DiscardedExamplesType,
);

export function toAppendedExampleType(row: AppendedExampleRow): AppendedExampleType {
  return Object.assign(new AppendedExampleType(), {
    number: row.number,
    split: row.split,
    values: parseExactly(row.example),
    appendedAt: row.createdAt,
    preparationUuid: row.preparationId,
  });
}
