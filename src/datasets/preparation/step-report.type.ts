import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { PreparationStep } from '../../protocol/preparation/recipe.js';
import { StepExample, type StepReport } from '../../protocol/preparation/step-report.js';
import { PreparationStepType, toStepType } from './recipe.type.js';

const RowChangeEnum = StepExample.shape.change.enum;

registerEnumType(RowChangeEnum, {
  name: 'RowChange',
  description: 'What a step of a recipe did to a row.',
  valuesConfig: {
    CHANGED: { description: 'A value of it is another, or a new column has one for it.' },
    DROPPED: { description: 'It is left out.' },
    ADDED: { description: 'It was made, from another row where `otherRow` names one.' },
  },
});

@ObjectType('ColumnExcerpt', { description: 'The beginning of a value, as text.', simpleResolvers: true })
export class ColumnExcerptType {
  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => String, { nullable: true, description: 'At most 300 characters; null: the value is missing.' })
  text!: string | null;
}

@ObjectType('StepExample', { description: 'What a step did to one row.', simpleResolvers: true })
export class StepExampleType {
  @Field(() => RowChangeEnum, { description: 'What became of it.' })
  change!: keyof typeof RowChangeEnum;

  @Field(() => BigIntScalar, {
    description: 'Number of the row, from 0, among those of the sources; rows that steps added come after them.',
  })
  row!: number;

  @Field(() => BigIntScalar, { nullable: true, description: 'The row that it doubles, or was made from.' })
  otherRow!: number | null;

  @Field(() => String, { nullable: true, description: 'Why, where the step says so.' })
  reason!: string | null;

  @Field(() => [ColumnExcerptType], {
    description: 'Before the step; of a changed row, the columns that changed. Empty for a row that was added.',
  })
  before!: ColumnExcerptType[];

  @Field(() => [ColumnExcerptType], { description: 'After the step. Empty for a row that was dropped.' })
  after!: ColumnExcerptType[];
}

@ObjectType('PreparationStepReport', {
  description: 'A step of a recipe, and what it did to the rows.',
  simpleResolvers: true,
})
export class StepReportType {
  @Field(() => PreparationStepType, { description: 'The step.' })
  step!: PreparationStepType;

  @Field(() => BigIntScalar, { description: 'Rows that it got.' })
  rowsBefore!: number;

  @Field(() => BigIntScalar, { description: 'Rows that it left.' })
  rowsAfter!: number;

  @Field(() => BigIntScalar, {
    description: 'Rows with a value that it changed, or that have one in a column that it made, such as a mark.',
  })
  changed!: number;

  @Field(() => BigIntScalar, { description: 'Rows that it left out.' })
  dropped!: number;

  @Field(() => BigIntScalar, { description: 'Rows that it made.' })
  added!: number;

  @Field(() => [String], { description: 'Columns that it made, or gave this name.' })
  columnsAdded!: string[];

  @Field(() => [String], { description: 'Columns that it left out, or that had this name.' })
  columnsDropped!: string[];

  @Field(() => [StepExampleType], { description: 'The first ten rows of each change.' })
  examples!: StepExampleType[];
}

/** Steps with what they did; of a version older than a report, none. */
export function toStepReports(recipe: readonly PreparationStep[], reports: readonly StepReport[]): StepReportType[] {
  return reports.flatMap((report, i) => {
    const step = recipe[i];
    return step === undefined ? [] : [Object.assign(new StepReportType(), { ...report, step: toStepType(step) })];
  });
}
