import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { Seed } from '../../../graphql/scalars.js';
import { usualSplit } from '../../../protocol/datasets/split-request.js';
import type {
  AssignFolds,
  DrawSplits,
  KeepSplits,
  RenameSplits,
  SplitByTime,
  SplitFromColumn,
} from '../../../protocol/preparation/steps/splits.js';

const groupBy = {
  defaultValue: [],
  description:
    'Rows that are equal in all of these columns come into one split, for example those of one author. A row that has no value in any of them is alone.',
};
const keepTogether = {
  nullable: true,
  description:
    'Rows that are equal in all of these columns come into one split. Null: all columns of types TEXT and TEXT_LIST. An empty list: rows are not kept together by their texts.',
};
const nearDuplicates = {
  nullable: true,
  description:
    'Rows whose texts are near duplicates come into one split, and all that hang together by such pairs. Null: they may be divided.',
};
const stratifyPairs = {
  defaultValue: false,
  description:
    'Whether pairs of labels of one row, too, come near to the shares (second-order iterative stratification). For columns of lists.',
};
const splitOfMissing = {
  nullable: true,
  description: 'The split of rows that have no value in the column. Null: such rows are a problem.',
};

@InputType('SplitShareInput', { description: 'A split and its share of the rows.' })
@ObjectType('SplitShare', { description: 'A split and its share of the rows.', simpleResolvers: true })
export class SplitShareType {
  @Field(() => String, { description: 'Its name: letters, digits, _ and -.' })
  name!: string;

  @Field(() => Number, { description: 'Above 0 and up to 1. All of them sum to 1.' })
  fraction!: number;
}

@InputType('KeptNearDuplicatesInput', { description: 'Which rows count as near duplicates of one another.' })
@ObjectType('KeptNearDuplicates', {
  description: 'Which rows count as near duplicates of one another.',
  simpleResolvers: true,
})
export class KeptNearDuplicatesType {
  @Field(() => [String], { description: 'The columns of texts that are compared; of several, all together.' })
  columns!: string[];

  @Field(() => Number, {
    defaultValue: 0.8,
    description: 'From 0.3 to 1: the least Jaccard similarity of their shingles of three words.',
  })
  threshold!: number;
}

@InputType('DrawSplitsInput', { description: 'Gives rows their splits by lot.' })
@ObjectType('DrawSplits', { description: 'Rows get their splits by lot.', simpleResolvers: true })
export class DrawSplitsType implements Omit<DrawSplits, 'kind'> {
  @Field(() => [SplitShareType], { defaultValue: usualSplit.fractions, description: 'The splits: 1 to 20.' })
  fractions!: SplitShareType[];

  @Field(() => Seed, { defaultValue: 0, description: 'The same seed draws the same rows.' })
  seed!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'A column whose values come near to the shares in each split; of a column of lists, each item does (iterative stratification). Null: none.',
  })
  stratifyBy!: string | null;

  @Field(() => Boolean, stratifyPairs)
  stratifyPairs!: boolean;

  @Field(() => Boolean, {
    defaultValue: true,
    description:
      'Whether a label that at least as many rows have as there are splits gets into every split, where its share of a split would be less than one row.',
  })
  coverLabels!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether it is a problem if a split has no row with some label. The message names labels and splits.',
  })
  refuseMissingLabels!: boolean;

  @Field(() => [String], groupBy)
  groupBy!: string[];

  @Field(() => [String], keepTogether)
  keepTogether!: string[] | null;

  @Field(() => KeptNearDuplicatesType, nearDuplicates)
  nearDuplicates!: KeptNearDuplicatesType | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether only rows without a split are drawn. The others keep theirs, and a row that belongs together with some of them comes to their split.',
  })
  onlyUnassigned!: boolean;

  @Field(() => [String], {
    nullable: true,
    description: 'Whether only rows of these splits are drawn, for example to take a validation split out of train.',
  })
  fromSplits!: string[] | null;
}

@InputType('SplitByTimeInput', { description: 'Gives rows their splits by a column of times or numbers.' })
@ObjectType('SplitByTime', {
  description: 'Rows get their splits by a column of times or numbers, the lowest first; equal ones get one split.',
  simpleResolvers: true,
})
export class SplitByTimeType implements Omit<SplitByTime, 'kind'> {
  @Field(() => String, {
    description: 'A column of type TIMESTAMP, INTEGER or FLOAT, or of texts such as 2024-05-01T12:30:00Z.',
  })
  column!: string;

  @Field(() => [String], { description: 'Names of the splits, from the lowest values to the highest.' })
  splits!: string[];

  @Field(() => [Number], {
    nullable: true,
    description: 'The share of each split; they sum to 1. Either these or `cuts`.',
  })
  fractions!: number[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Where each split but the first begins: a number, or a time such as 2024-05-01 or 2024-05-01T12:30:00.',
  })
  cuts!: string[] | null;

  @Field(() => String, splitOfMissing)
  splitOfMissing!: string | null;
}

@InputType('SplitFromColumnInput', { description: 'Takes splits from a column of their names.' })
@ObjectType('SplitFromColumn', { description: 'The values of a column name the splits.', simpleResolvers: true })
export class SplitFromColumnType implements Omit<SplitFromColumn, 'kind'> {
  @Field(() => String, { description: 'The column. It stays.' })
  column!: string;

  @Field(() => String, splitOfMissing)
  splitOfMissing!: string | null;
}

@InputType('RenamedSplitInput', { description: 'A new name of a split.' })
@ObjectType('RenamedSplit', { description: 'A new name of a split.', simpleResolvers: true })
export class RenamedSplitType {
  @Field(() => String, { description: 'The name that it has.' })
  from!: string;

  @Field(() => String, { description: 'The name that it gets: letters, digits, _ and -.' })
  to!: string;
}

@InputType('RenameSplitsInput', { description: 'Gives splits other names, or merges them under one.' })
@ObjectType('RenameSplits', {
  description: 'Splits get other names. Several that get the same name become one split.',
  simpleResolvers: true,
})
export class RenameSplitsType implements Omit<RenameSplits, 'kind'> {
  @Field(() => [RenamedSplitType], { description: 'The splits to rename; the others keep their names.' })
  names!: RenamedSplitType[];
}

@InputType('KeepSplitsInput', { description: 'Drops rows of other splits.' })
@ObjectType('KeepSplits', { description: 'Only rows of these splits stay.', simpleResolvers: true })
export class KeepSplitsType implements Omit<KeepSplits, 'kind'> {
  @Field(() => [String], { description: 'The splits whose rows stay.' })
  splits!: string[];
}

@InputType('AssignFoldsInput', { description: 'Numbers rows by folds of one size, for a cross-validation.' })
@ObjectType('AssignFolds', {
  description:
    'A new column of type INTEGER has the fold of each row, from 0. The mutation createFoldExperiments makes an experiment of each.',
  simpleResolvers: true,
})
export class AssignFoldsType implements Omit<AssignFolds, 'kind'> {
  @Field(() => String, { defaultValue: 'fold', description: 'The name of the new column.' })
  column!: string;

  @Field(() => Int, { defaultValue: 5, description: 'How many folds: 2 to 20.' })
  folds!: number;

  @Field(() => Seed, { defaultValue: 0, description: 'The same seed draws the same rows.' })
  seed!: number;

  @Field(() => String, {
    nullable: true,
    description: 'A column whose values, or items of lists, are alike in all folds. Null: none.',
  })
  stratifyBy!: string | null;

  @Field(() => Boolean, stratifyPairs)
  stratifyPairs!: boolean;

  @Field(() => [String], groupBy)
  groupBy!: string[];

  @Field(() => [String], keepTogether)
  keepTogether!: string[] | null;

  @Field(() => KeptNearDuplicatesType, nearDuplicates)
  nearDuplicates!: KeptNearDuplicatesType | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The splits whose rows get a fold; rows of others get none. Null: all rows.',
  })
  ofSplits!: string[] | null;
}
