import { Field, ObjectType } from 'type-graphql';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { PreparationPreview } from '../../protocol/preparation/preview.js';
import type { Recipe } from '../../protocol/preparation/recipe.js';
import { RejectedRowType } from '../dataset.type.js';
import { ColumnTypeEnum, FileNoticeType } from '../dataset-version.type.js';
import { FileFormatEnum } from '../upload.type.js';
import { StepReportType, toStepReports } from './step-report.type.js';

@ObjectType('PreviewedColumn', { description: 'A column after the last step of a recipe.', simpleResolvers: true })
export class PreviewedColumnType {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => ColumnTypeEnum, { description: 'The type of its values.' })
  type!: ColumnType;
}

@ObjectType('PreviewedRow', { description: 'A row after the last step of a recipe.', simpleResolvers: true })
export class PreviewedRowType {
  @Field(() => BigIntScalar, { description: 'Number of the row, from 0, among those of the sources.' })
  row!: number;

  @Field(() => [String], {
    nullable: 'items',
    description: 'The values in the order of `columns`, as texts of at most 300 characters; null: missing.',
  })
  values!: (string | null)[];
}

@ObjectType('PreparationPreview', {
  description: 'What a recipe would do, tried on a sample of the rows. Nothing is stored.',
  simpleResolvers: true,
})
export class PreparationPreviewType {
  @Field(() => BigIntScalar, { nullable: true, description: 'Rows of the sources; null: a file was read in part.' })
  rowCount!: number | null;

  @Field(() => BigIntScalar, {
    description:
      'Rows that were taken through the recipe: evenly spaced over a version, the first of a file. Duplicates and shares are those among these.',
  })
  sampledCount!: number;

  @Field(() => [FileFormatEnum], {
    nullable: 'items',
    description: 'Of each source, the format in which its file is read; null: the source is a version.',
  })
  formats!: (keyof typeof FileFormatEnum | null)[];

  @Field(() => [FileNoticeType], {
    description:
      'What was found in the files, and can be changed by `fileOptions`: encodings, quotes, sheets, places of rows.',
  })
  notices!: FileNoticeType[];

  @Field(() => BigIntScalar, {
    description:
      'Rows that could not be read: in what was read of the files, and in those that the versions were made of, each file once; see rejectedRows.',
  })
  rejectedCount!: number;

  @Field(() => [RejectedRowType], {
    description: 'The first ten rows that could not be read: of the files, then of the versions.',
  })
  rejectedRows!: RejectedRowType[];

  @Field(() => [PreviewedColumnType], { description: 'The columns after the last step.' })
  columns!: PreviewedColumnType[];

  @Field(() => [StepReportType], { description: 'What each step does.' })
  steps!: StepReportType[];

  @Field(() => [PreviewedRowType], { description: 'The first ten rows after the last step.' })
  rows!: PreviewedRowType[];
}

export const previewPreparationResult = resultUnion(
  'PreviewPreparationResult',
  'The preview; or what is wrong with sources or recipe.',
  PreparationPreviewType,
);

export function toPreviewType(preview: PreparationPreview, recipe: Recipe): PreparationPreviewType {
  return Object.assign(new PreparationPreviewType(), { ...preview, steps: toStepReports(recipe, preview.steps) });
}
