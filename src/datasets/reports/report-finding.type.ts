import { Field, Float, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import { explanations } from '../../protocol/preparation/finding-explanations.js';
import { PreparationStep } from '../../protocol/preparation/recipe.js';
import { FindingSeverity, type ReportFinding, ReportFindingCode } from '../../protocol/preparation/report-finding.js';
import { PreparationStepType, toStepType } from '../preparation/recipe.type.js';

const FindingSeverityEnum = FindingSeverity.enum;
const ReportFindingCodeEnum = ReportFindingCode.enum;

registerEnumType(FindingSeverityEnum, {
  name: 'ReportFindingSeverity',
  description: 'How bad something is that a report has found.',
  valuesConfig: {
    ERROR: { description: 'Scores of a model that learns from this version are wrong, or it can not learn.' },
    WARNING: { description: 'A model gets worse than it could be.' },
    NOTICE: { description: 'A person should look at it.' },
  },
});

registerEnumType(ReportFindingCodeEnum, {
  name: 'ReportFindingCode',
  description: 'What a report has found in a dataset version, for a program to branch on. New codes may be added.',
  valuesConfig: Object.fromEntries(
    Object.entries(explanations).map(([code, description]) => [code, { description }]),
  ) as Record<ReportFindingCode, { description: string }>,
});

@ObjectType('ReportFindingExample', { description: 'A row that shows what a finding is about.', simpleResolvers: true })
export class ReportFindingExampleType {
  @Field(() => BigIntScalar, { description: 'Number of the row in the version, from 0.' })
  row!: number;

  @Field(() => BigIntScalar, { nullable: true, description: 'Of a pair, the row that the first is compared with.' })
  otherRow!: number | null;

  @Field(() => String, { description: 'The beginning of what is meant in the row.' })
  excerpt!: string;

  @Field(() => String, { nullable: true, description: 'What is wrong in this row, where rows differ in that.' })
  detail!: string | null;
}

@ObjectType('ReportFinding', {
  description: 'Something about a dataset version that a person should know before a model learns from it.',
  simpleResolvers: true,
})
export class ReportFindingType {
  @Field(() => ReportFindingCodeEnum, { description: 'What was found, for programs.' })
  code!: ReportFindingCode;

  @Field(() => FindingSeverityEnum, { description: 'How bad it is.' })
  severity!: FindingSeverity;

  @Field(() => String, { description: 'What was found, in one English sentence with its figures.' })
  message!: string;

  @Field(() => String, { description: 'Why that matters.' })
  explanation!: string;

  @Field(() => [String], { description: 'The columns that are meant.' })
  columns!: string[];

  @Field(() => [String], { description: 'The splits that are meant; none: it is about all of them.' })
  splits!: string[];

  @Field(() => BigIntScalar, { description: 'Rows that are meant; of findings about columns or classes, these.' })
  count!: number;

  @Field(() => Float, {
    nullable: true,
    description: '`count` by what was looked at, from 0 to 1; null: a share of nothing.',
  })
  share!: number | null;

  @Field(() => [ReportFindingExampleType], { description: 'The first ten.' })
  examples!: ReportFindingExampleType[];

  @Field(() => PreparationStepType, {
    nullable: true,
    description: 'A step that mends it, to be appended to a recipe as it is; null where a person has to decide.',
  })
  suggestedStep!: PreparationStepType | null;
}

export function toReportFindingType({ suggestedStep, ...finding }: ReportFinding): ReportFindingType {
  // A newer worker may suggest steps that this release does not know.
  const step = PreparationStep.safeParse(suggestedStep);
  return Object.assign(new ReportFindingType(), {
    ...finding,
    suggestedStep: step.success ? toStepType(step.data) : null,
  });
}
