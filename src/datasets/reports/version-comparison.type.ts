import { Field, Float, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';

@ObjectType('LoneRow', { description: 'A row of one version that the other lacks.', simpleResolvers: true })
export class LoneRowType {
  @Field(() => BigIntScalar, { description: 'Its number, from 0.' })
  row!: number;

  @Field(() => String, { description: 'Its split.' })
  split!: string;

  @Field(() => String, { description: 'The beginning of its text.' })
  excerpt!: string;
}

@ObjectType('RepeatedKey', { description: 'A key that several rows of one version have.', simpleResolvers: true })
export class RepeatedKeyType {
  @Field(() => [String], { description: 'The beginnings of its values, in the order of the columns in the file.' })
  values!: string[];

  @Field(() => BigIntScalar, { description: 'Rows of the older version with it.' })
  before!: number;

  @Field(() => BigIntScalar, { description: 'Rows of the newer version with it.' })
  after!: number;
}

@ObjectType('ChangedValue', { description: 'A value that differs between two versions.', simpleResolvers: true })
export class ChangedValueType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => String, { nullable: true, description: 'Its beginning before; null: it was missing.' })
  before!: string | null;

  @Field(() => String, { nullable: true, description: 'Its beginning after; null: it is missing.' })
  after!: string | null;
}

@ObjectType('ChangedRow', { description: 'A row with other values in the newer version.', simpleResolvers: true })
export class ChangedRowType {
  @Field(() => BigIntScalar, { description: 'Its number in the older version, from 0.' })
  row!: number;

  @Field(() => BigIntScalar, { description: 'Its number in the newer version.' })
  otherRow!: number;

  @Field(() => [ChangedValueType], { description: 'The first five values that differ.' })
  values!: ChangedValueType[];
}

@ObjectType('ChangedColumn', { description: 'A column whose values differ in some rows.', simpleResolvers: true })
export class ChangedColumnType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => BigIntScalar, { description: 'How many rows.' })
  rows!: number;
}

@ObjectType('RowChanges', {
  description: 'Rows that belong together by their keys, or that are equal as a whole, and those that do not.',
  simpleResolvers: true,
})
export class RowChangesType {
  @Field(() => BigIntScalar, { description: 'Rows of the newer version alone.' })
  added!: number;

  @Field(() => BigIntScalar, { description: 'Rows of the older version alone.' })
  removed!: number;

  @Field(() => BigIntScalar, { description: 'Rows with another value in a column of both; 0 without a key.' })
  changed!: number;

  @Field(() => BigIntScalar, { description: 'Rows that are equal in all columns of both.' })
  unchanged!: number;

  @Field(() => BigIntScalar, { description: 'Rows of both that are in different splits.' })
  moved!: number;

  @Field(() => BigIntScalar, {
    description:
      'Rows beyond the first of their key, in both versions together. Of rows with one key, the first of one version is taken for the first of the other, so that rows count as changed that are others: if it is not 0, a key of more columns tells more.',
  })
  repeatedKeys!: number;

  @Field(() => [RepeatedKeyType], { description: 'The ten repeated keys of the most rows.' })
  mostRepeated!: RepeatedKeyType[];

  @Field(() => BigIntScalar, { description: 'Rows without a value in the key, which are not compared.' })
  withoutKey!: number;

  @Field(() => [ChangedColumnType], { description: 'By column, how many rows have another value.' })
  changedColumns!: ChangedColumnType[];

  @Field(() => [LoneRowType], { description: 'The first ten.' })
  firstAdded!: LoneRowType[];

  @Field(() => [LoneRowType], { description: 'The first ten.' })
  firstRemoved!: LoneRowType[];

  @Field(() => [ChangedRowType], { description: 'The first ten.' })
  firstChanged!: ChangedRowType[];
}

@ObjectType('RetypedColumn', { description: 'A column whose type differs between versions.', simpleResolvers: true })
export class RetypedColumnType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => String, { description: 'Its type in the file before.' })
  before!: string;

  @Field(() => String, { description: 'Its type in the file after.' })
  after!: string;
}

@ObjectType('ColumnChanges', { description: 'Columns that came, went or have another type.', simpleResolvers: true })
export class ColumnChangesType {
  @Field(() => [String], { description: 'Columns of the newer version alone.' })
  added!: string[];

  @Field(() => [String], { description: 'Columns of the older version alone.' })
  removed!: string[];

  @Field(() => [RetypedColumnType], { description: 'Columns of both with different types.' })
  retyped!: RetypedColumnType[];
}

@ObjectType('LabelChange', { description: 'How often a label occurs in two versions.', simpleResolvers: true })
export class LabelChangeType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => BigIntScalar, { description: 'In the older version.' })
  before!: number;

  @Field(() => BigIntScalar, { description: 'In the newer version.' })
  after!: number;
}

@ObjectType('ChiSquaredTest', {
  description: "Pearson's χ² test of whether labels are distributed alike.",
  simpleResolvers: true,
})
export class ChiSquaredTestType {
  @Field(() => Float, { description: 'The statistic.' })
  statistic!: number;

  @Field(() => Int, { description: 'Degrees of freedom.' })
  degrees!: number;

  @Field(() => Float, { description: 'How probable at least this difference is if they are.' })
  p!: number;

  @Field(() => Float, { description: 'Size of the difference, from 0 to 1, whatever the number of rows.' })
  cramersV!: number;

  @Field(() => Float, { description: 'The least expected count; below 5, p is a rough value.' })
  leastExpected!: number;
}

@ObjectType('LabelShift', { description: 'How the labels of a column have changed.', simpleResolvers: true })
export class LabelShiftType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => [String], { description: 'Labels of the newer version alone, at most 100.' })
  added!: string[];

  @Field(() => [String], { description: 'Labels of the older version alone, at most 100.' })
  removed!: string[];

  @Field(() => [LabelChangeType], { description: 'The 100 labels whose shares differ most.' })
  counts!: LabelChangeType[];

  @Field(() => ChiSquaredTestType, { nullable: true, description: 'Null: there are fewer than two labels.' })
  test!: ChiSquaredTestType | null;
}

@ObjectType('LengthSummary', { description: 'Lengths of texts in characters.', simpleResolvers: true })
export class LengthSummaryType {
  @Field(() => BigIntScalar, { description: 'How many texts.' })
  texts!: number;

  @Field(() => Float, { description: 'Their median length.' })
  median!: number;

  @Field(() => Float, { description: 'Their mean length.' })
  mean!: number;
}

@ObjectType('KolmogorovSmirnovTest', {
  description: 'The two-sample test of Kolmogorov and Smirnov, of whether lengths are distributed alike.',
  simpleResolvers: true,
})
export class KolmogorovSmirnovTestType {
  @Field(() => Float, { description: 'Greatest distance of the two distribution functions.' })
  statistic!: number;

  @Field(() => Float, { description: 'How probable at least this distance is if they are, at most.' })
  p!: number;
}

@ObjectType('LengthShift', {
  description: 'How the lengths of the texts in a column have changed.',
  simpleResolvers: true,
})
export class LengthShiftType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => LengthSummaryType, { description: 'In the older version.' })
  before!: LengthSummaryType;

  @Field(() => LengthSummaryType, { description: 'In the newer version.' })
  after!: LengthSummaryType;

  @Field(() => KolmogorovSmirnovTestType, { description: 'Whether they differ by more than chance.' })
  test!: KolmogorovSmirnovTestType;
}

@ObjectType('EmbeddingShift', { description: 'How far the texts of two versions are apart.', simpleResolvers: true })
export class EmbeddingShiftType {
  @Field(() => BigIntScalar, { description: 'Texts of the older version that were compared.' })
  before!: number;

  @Field(() => BigIntScalar, { description: 'Texts of the newer version that were compared.' })
  after!: number;

  @Field(() => Float, { description: 'Cosine of their mean vectors: 1 where these point the same way.' })
  centroidCosine!: number;

  @Field(() => Float, {
    description: 'Area under the ROC curve of a probe that tells the versions apart; 0.5 where it can not.',
  })
  classifierAuc!: number;

  @Field(() => Float, { description: 'Standard error of the area where there is no difference.' })
  standardError!: number;
}

@ObjectType('VersionComparison', { description: 'What differs between two dataset versions.', simpleResolvers: true })
export class VersionComparisonType {
  @Field(() => [String], { description: 'Columns that say which rows belong together; none: the whole row does.' })
  key!: string[];

  @Field(() => BigIntScalar, { description: 'Rows of the older version.' })
  rowsBefore!: number;

  @Field(() => BigIntScalar, { description: 'Rows of the newer version.' })
  rowsAfter!: number;

  @Field(() => RowChangesType, { description: 'Rows that came, went or changed.' })
  rows!: RowChangesType;

  @Field(() => ColumnChangesType, { description: 'Columns that came, went or changed.' })
  columns!: ColumnChangesType;

  @Field(() => [LabelShiftType], { description: 'Labels, by column.' })
  labels!: LabelShiftType[];

  @Field(() => [LengthShiftType], { description: 'Lengths of texts, by column.' })
  lengths!: LengthShiftType[];

  @Field(() => EmbeddingShiftType, { nullable: true, description: 'Null: there are too few texts.' })
  embeddings!: EmbeddingShiftType | null;
}
