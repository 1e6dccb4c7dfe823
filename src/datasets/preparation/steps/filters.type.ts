import { Field, Float, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed, Sha256Scalar } from '../../../graphql/scalars.js';
import type {
  FilterLanguage,
  FilterLength,
  FilterRows,
  RowCondition,
  SampleRows,
} from '../../../protocol/preparation/steps/filters.js';
import { RowConditionType } from './row-condition.type.js';

const filterRows = 'Keeps only rows for which a condition is true.';
@InputType('FilterRowsInput', { description: filterRows })
@ObjectType('FilterRows', { description: filterRows, simpleResolvers: true })
export class FilterRowsType implements Omit<FilterRows, 'kind'> {
  @Field(() => RowConditionType, {
    description: 'The condition: of at most 200 conditions, at most 10 deep within each other.',
  })
  where!: RowCondition;
}

enum LengthUnitEnum {
  CHARACTERS = 'characters',
  WORDS = 'words',
  TOKENS = 'tokens',
}
registerEnumType(LengthUnitEnum, {
  name: 'LengthUnit',
  description: 'What lengths are counted in.',
  valuesConfig: {
    CHARACTERS: { description: 'Code points of Unicode.' },
    WORDS: { description: 'What stands between white space: of little use for scripts without spaces.' },
    TOKENS: { description: 'Tokens of `model`, with those that its input begins and ends with.' },
  },
});

const filterLength = 'Drops rows whose text is shorter or longer than it may be.';
@InputType('FilterLengthInput', { description: filterLength })
@ObjectType('FilterLength', { description: filterLength, simpleResolvers: true })
export class FilterLengthType implements Omit<FilterLength, 'kind'> {
  @Field(() => String, { description: 'The column of texts, or of lists of texts, whose lengths are added.' })
  column!: string;

  @Field(() => LengthUnitEnum, { defaultValue: LengthUnitEnum.CHARACTERS, description: 'What lengths are counted in.' })
  unit!: FilterLength['unit'];

  @Field(() => Int, { nullable: true, description: 'The least length. Null: any.' })
  atLeast!: number | null;

  @Field(() => Int, { nullable: true, description: 'The greatest length. Null: any.' })
  atMost!: number | null;

  @Field(() => Sha256Scalar, { nullable: true, description: 'The `digest` of the model whose tokens are counted.' })
  model!: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether rows without a text are kept.' })
  keepMissing!: boolean;
}

enum LanguageActionEnum {
  KEEP = 'KEEP',
  DROP = 'DROP',
  MARK = 'MARK',
}
registerEnumType(LanguageActionEnum, {
  name: 'LanguageAction',
  description: 'What becomes of rows by their language.',
  valuesConfig: {
    KEEP: { description: 'Only rows in one of the languages stay.' },
    DROP: { description: 'Rows in one of the languages are dropped.' },
    MARK: { description: 'All rows stay, and a new column says their language.' },
  },
});

const filterLanguage = 'Keeps, drops or marks rows by the language of a text.';
@InputType('FilterLanguageInput', { description: filterLanguage })
@ObjectType('FilterLanguage', { description: filterLanguage, simpleResolvers: true })
export class FilterLanguageType implements Omit<FilterLanguage, 'kind'> {
  @Field(() => String, { description: 'The column of texts, or of lists of texts.' })
  column!: string;

  @Field(() => LanguageActionEnum, { defaultValue: LanguageActionEnum.KEEP, description: 'What becomes of rows.' })
  action!: FilterLanguage['action'];

  @Field(() => [String], { defaultValue: [], description: 'Languages by their ISO 639-1 codes, such as `en`.' })
  languages!: string[];

  @Field(() => Float, {
    defaultValue: 0.5,
    description:
      'From 0 to 1: how often the detector is right about texts that it tells apart as clearly. Below it the language counts as unknown.',
  })
  minConfidence!: number;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether rows stay whose language is unknown: short texts, numbers, missing texts.',
  })
  keepUnknown!: boolean;

  @Field(() => String, { nullable: true, description: 'The name of a new column with the languages. Null: none.' })
  as!: string | null;
}

enum SampleGroupKindEnum {
  SPLIT = 'split',
  COLUMN = 'column',
}
registerEnumType(SampleGroupKindEnum, {
  name: 'SampleGroupKind',
  description: 'What rows of one group have in common.',
  valuesConfig: { SPLIT: { description: 'Their split.' }, COLUMN: { description: 'Their value in `column`.' } },
});

const sampleGroups = 'The groups of which each gives its part to a sample.';
@InputType('SampleGroupsInput', { description: sampleGroups })
@ObjectType('SampleGroups', { description: sampleGroups, simpleResolvers: true })
export class SampleGroupsType {
  @Field(() => SampleGroupKindEnum, { description: 'What rows of one group have in common.' })
  kind!: `${SampleGroupKindEnum}`;

  @Field(() => String, { nullable: true, description: 'Of COLUMN: the column, which has one value a row.' })
  column?: string | null;
}

const sampleRows =
  'Keeps a sample of the rows. The same seed and rows give the same sample; a larger sample contains a smaller one.';
@InputType('SampleRowsInput', { description: sampleRows })
@ObjectType('SampleRows', { description: sampleRows, simpleResolvers: true })
export class SampleRowsType implements Omit<SampleRows, 'kind' | 'within'> {
  @Field(() => Seed, { defaultValue: 0, description: 'What the lot depends on.' })
  seed!: number;

  @Field(() => Int, { nullable: true, description: 'How many rows stay, of each group. Null: `share` is given.' })
  count!: number | null;

  @Field(() => Float, { nullable: true, description: 'The share of the rows that stay. Null: `count` is given.' })
  share!: number | null;

  @Field(() => SampleGroupsType, { nullable: true, description: 'The groups. Null: all rows are one.' })
  within!: SampleGroupsType | null;
}
