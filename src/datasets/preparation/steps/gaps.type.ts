import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { DropMissing, FillMissing, MarkMissing } from '../../../protocol/preparation/steps/gaps.js';

const FillingEnum = {
  CONSTANT: 'CONSTANT',
  MODE: 'MODE',
  MEAN: 'MEAN',
  MEDIAN: 'MEDIAN',
} as const satisfies { readonly [Name in FillMissing['by']]: Name };

registerEnumType(FillingEnum, {
  name: 'Filling',
  description: 'What missing values are replaced with.',
  valuesConfig: {
    CONSTANT: { description: 'The same value everywhere.' },
    MODE: { description: 'The value that occurs most often; of equally frequent ones the lowest.' },
    MEAN: { description: 'The mean of numbers; of whole numbers, rounded to one.' },
    MEDIAN: { description: 'The middle one of numbers or times, or halfway between two.' },
  },
});

const MissingInEnum = { ANY: 'ANY', ALL: 'ALL' } as const satisfies { readonly [Name in DropMissing['when']]: Name };

registerEnumType(MissingInEnum, {
  name: 'MissingIn',
  description: 'In how many of several columns a row has no value.',
  valuesConfig: { ANY: { description: 'In at least one.' }, ALL: { description: 'In all of them.' } },
});

const blankIsMissing = {
  defaultValue: false,
  description: 'Whether texts that are empty or hold only white space, and empty lists, count as missing.',
};

@InputType('FillMissingInput', { description: 'Gives missing values a value.' })
@ObjectType('FillMissing', {
  description:
    'Missing values get a value. What is learnt from rows, such as a mean, is learnt from the training split alone, so that nothing of a test split gets into what is trained on.',
  simpleResolvers: true,
})
export class FillMissingType implements Omit<FillMissing, 'kind'> {
  @Field(() => [String], { description: 'The columns to fill.' })
  columns!: string[];

  @Field(() => FillingEnum, { description: 'What with.' })
  by!: FillMissing['by'];

  @Field(() => String, {
    nullable: true,
    description: 'The constant: a text that the type of the columns can be read from; JSON for lists and objects.',
  })
  value!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Values are learnt for each value of this column; where there are none to learn from, from all rows. Null: none.',
  })
  groupBy!: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The splits that values are learnt from. Null: `train`, or all rows if they have no splits yet.',
  })
  learnFrom!: string[] | null;

  @Field(() => Boolean, blankIsMissing)
  blankIsMissing!: boolean;
}

@InputType('DropMissingInput', { description: 'Drops rows with missing values.' })
@ObjectType('DropMissing', { description: 'Rows with missing values are dropped.', simpleResolvers: true })
export class DropMissingType implements Omit<DropMissing, 'kind'> {
  @Field(() => [String], { description: 'The columns to look at.' })
  columns!: string[];

  @Field(() => MissingInEnum, { defaultValue: 'ANY', description: 'In how many of them a dropped row has no value.' })
  when!: DropMissing['when'];

  @Field(() => Boolean, blankIsMissing)
  blankIsMissing!: boolean;
}

@InputType('MarkMissingInput', { description: 'Says in a new column which rows have no value in another.' })
@ObjectType('MarkMissing', {
  description: 'A new column of type BOOLEAN says for each row whether it has no value in another.',
  simpleResolvers: true,
})
export class MarkMissingType implements Omit<MarkMissing, 'kind'> {
  @Field(() => String, { description: 'The column to look at.' })
  column!: string;

  @Field(() => String, { description: 'The name of the new column.' })
  as!: string;

  @Field(() => Boolean, blankIsMissing)
  blankIsMissing!: boolean;
}
