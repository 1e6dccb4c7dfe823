import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { ColumnRole } from '../../protocol/preparation/column-role.js';
import { type DatasetReport, DuplicateKind, LengthUnit } from '../../protocol/preparation/report.js';
import { ColumnRoleEnum } from '../preparation/column-role.type.js';
import { ReportFindingType, toReportFindingType } from './report-finding.type.js';

const LengthUnitEnum = LengthUnit.enum;
const DuplicateKindEnum = DuplicateKind.enum;

registerEnumType(LengthUnitEnum, {
  name: 'ReportLengthUnit',
  description: 'What lengths of texts are measured in.',
  valuesConfig: {
    CHARACTERS: { description: 'Code points of Unicode.' },
    WORDS: { description: 'Runs of characters between white space.' },
    TOKENS: { description: "Tokens of the report's model, with those that its input begins and ends with." },
  },
});

registerEnumType(DuplicateKindEnum, {
  name: 'DuplicateKind',
  description: 'When texts count as copies.',
  valuesConfig: {
    EXACT: { description: 'They are equal.' },
    NORMALIZED: { description: 'They are equal but for case, white space and the composition of characters.' },
    NEAR: { description: 'They share most of their words, in order.' },
  },
});

@ObjectType('ReportedSplit', { description: 'A split, and how many rows it has.', simpleResolvers: true })
export class ReportedSplitType {
  @Field(() => String, { description: 'Its name.' })
  split!: string;

  @Field(() => BigIntScalar, { description: 'Its rows.' })
  rows!: number;
}

@ObjectType('MissingInSplit', { description: 'What a column lacks in a split.', simpleResolvers: true })
export class MissingInSplitType extends ReportedSplitType {
  @Field(() => BigIntScalar, { description: 'Rows without a value.' })
  missing!: number;

  @Field(() => BigIntScalar, { description: 'Rows whose text is white space alone.' })
  blank!: number;
}

@ObjectType('ReportedColumn', { description: 'A column, as a report has seen it.', simpleResolvers: true })
export class ReportedColumnType {
  @Field(() => String, { description: 'Its name.' })
  column!: string;

  @Field(() => ColumnRoleEnum, { nullable: true, description: 'What it is for; null: nobody has said.' })
  role!: ColumnRole | null;

  @Field(() => BigIntScalar, { description: 'About how many different values it has, some percent off.' })
  distinctValues!: number;

  @Field(() => [MissingInSplitType], { description: 'What it lacks, by split.' })
  missing!: MissingInSplitType[];
}

@ObjectType('ReportedLabel', { description: 'A label, and how often it occurs.', simpleResolvers: true })
export class ReportedLabelType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => BigIntScalar, { description: 'How often it occurs.' })
  count!: number;
}

@ObjectType('LabelDistribution', { description: 'The labels of a column in a split.', simpleResolvers: true })
export class LabelDistributionType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => String, { description: 'The split.' })
  split!: string;

  @Field(() => BigIntScalar, { description: 'Labels that were counted: of lists, each item.' })
  labels!: number;

  @Field(() => BigIntScalar, { description: 'Different labels.' })
  classes!: number;

  @Field(() => [ReportedLabelType], { description: 'The most frequent ones, at most 1,000.' })
  counts!: ReportedLabelType[];

  @Field(() => Float, { description: 'Examples of the most frequent class for one of the rarest.' })
  ratio!: number;

  @Field(() => Float, { description: 'exp of the entropy: how many equally frequent classes would be as uncertain.' })
  effectiveClasses!: number;

  @Field(() => Float, { description: 'Entropy by its greatest possible value, from 0 to 1.' })
  normalizedEntropy!: number;
}

@ObjectType('LengthQuantile', {
  description: 'A length that a share of the texts does not exceed.',
  simpleResolvers: true,
})
export class LengthQuantileType {
  @Field(() => Float, { description: 'The share, from 0 to 1.' })
  at!: number;

  @Field(() => Float, { description: 'The length.' })
  length!: number;
}

@ObjectType('LengthBin', { description: 'Texts of about one length.', simpleResolvers: true })
export class LengthBinType {
  @Field(() => Int, { description: 'The least length.' })
  from!: number;

  @Field(() => Int, { nullable: true, description: 'The first length beyond; null: there is none.' })
  to!: number | null;

  @Field(() => BigIntScalar, { description: 'How many texts.' })
  texts!: number;
}

@ObjectType('Truncation', { description: 'Texts that are longer than a model reads.', simpleResolvers: true })
export class TruncationType {
  @Field(() => Int, { description: 'The most tokens that the model reads.' })
  maxLength!: number;

  @Field(() => BigIntScalar, { description: 'Texts that are cut.' })
  texts!: number;

  @Field(() => Float, { description: 'The same as a share, from 0 to 1.' })
  share!: number;
}

@ObjectType('LengthDistribution', { description: 'How long the texts of a split are.', simpleResolvers: true })
export class LengthDistributionType {
  @Field(() => [String], { description: 'The column; of tokens, all columns that a model reads together.' })
  columns!: string[];

  @Field(() => LengthUnitEnum, { description: 'What lengths are measured in.' })
  unit!: LengthUnit;

  @Field(() => String, { description: 'The split.' })
  split!: string;

  @Field(() => BigIntScalar, { description: 'Texts that were measured.' })
  texts!: number;

  @Field(() => Float, { description: 'Their mean length.' })
  mean!: number;

  @Field(() => [LengthQuantileType], { description: 'At 0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 and 1.' })
  quantiles!: LengthQuantileType[];

  @Field(() => [LengthBinType], { description: 'The same bins in all reports.' })
  histogram!: LengthBinType[];

  @Field(() => TruncationType, { nullable: true, description: 'Of tokens: what the model cuts.' })
  truncation!: TruncationType | null;
}

@ObjectType('ReportedWord', { description: 'A word that a model has trouble with.', simpleResolvers: true })
export class ReportedWordType {
  @Field(() => String, { description: 'The word.' })
  word!: string;

  @Field(() => BigIntScalar, { description: 'How often it occurs.' })
  count!: number;

  @Field(() => Int, { nullable: true, description: 'Into how many tokens it is split; null for unknown words.' })
  pieces?: number | null;
}

@ObjectType('VocabularyCoverage', {
  description: "What of the texts a model's vocabulary knows.",
  simpleResolvers: true,
})
export class VocabularyCoverageType {
  @Field(() => BigIntScalar, { description: 'Rows that were read.' })
  rows!: number;

  @Field(() => BigIntScalar, { description: 'Their words.' })
  words!: number;

  @Field(() => BigIntScalar, { description: 'The tokens of these words.' })
  tokens!: number;

  @Field(() => Float, { description: 'Tokens for a word.' })
  tokensPerWord!: number;

  @Field(() => BigIntScalar, { description: 'Tokens that stand for what the vocabulary lacks.' })
  unknownTokens!: number;

  @Field(() => Float, { description: 'The same as a share of the tokens, from 0 to 1.' })
  unknownShare!: number;

  @Field(() => [ReportedWordType], { description: 'Words with such a token, the most frequent ones first.' })
  unknownWords!: ReportedWordType[];

  @Field(() => [ReportedWordType], { description: 'Words of five tokens or more, the most frequent ones first.' })
  splitWords!: ReportedWordType[];
}

@ObjectType('SplitDuplicates', {
  description: 'Rows of a split that double rows of another one, or others of their own.',
  simpleResolvers: true,
})
export class SplitDuplicatesType {
  @Field(() => DuplicateKindEnum, { description: 'When texts count as copies.' })
  kind!: DuplicateKind;

  @Field(() => String, { description: 'The split.' })
  split!: string;

  @Field(() => String, { description: 'The split whose rows they double.' })
  other!: string;

  @Field(() => BigIntScalar, { description: 'How many; of one split, rows that double one before them.' })
  rows!: number;

  @Field(() => Float, { description: "The same as a share of the split's rows, from 0 to 1." })
  share!: number;
}

@ObjectType('PersonalDataCount', { description: 'Personal data of one kind in a column.', simpleResolvers: true })
export class PersonalDataCountType {
  @Field(() => String, { description: 'The column.' })
  column!: string;

  @Field(() => String, { description: 'The kind, as the step maskPersonalData names it.' })
  kind!: string;

  @Field(() => BigIntScalar, { description: 'Rows with such data.' })
  rows!: number;

  @Field(() => BigIntScalar, { description: 'How often it occurs.' })
  finds!: number;
}

@ObjectType('LanguageCount', { description: 'Texts in one language.', simpleResolvers: true })
export class LanguageCountType {
  @Field(() => String, { description: 'ISO 639-1 code.' })
  language!: string;

  @Field(() => BigIntScalar, { description: 'Rows whose first text is in it.' })
  rows!: number;
}

@ObjectType('LabelJudgement', {
  description: 'How many labels were looked at for likely errors: of a sample, and of classes with enough examples.',
  simpleResolvers: true,
})
export class LabelJudgementType {
  @Field(() => String, { description: 'The column of the labels.' })
  column!: string;

  @Field(() => BigIntScalar, { description: 'Labels that were judged.' })
  judged!: number;

  @Field(() => BigIntScalar, { description: 'Labels of the sample that were not.' })
  notJudged!: number;

  @Field(() => String, { nullable: true, description: 'Why some were not, in English; null: all were.' })
  reason!: string | null;
}

@ObjectType('NearDuplicateSearch', {
  description: 'Whether near copies were looked for: among all rows of a version, unless it is too large.',
  simpleResolvers: true,
})
export class NearDuplicateSearchType {
  @Field(() => BigIntScalar, { description: 'Rows among which they were looked for; 0: they were not.' })
  rows!: number;

  @Field(() => String, { nullable: true, description: 'Why they were not, in English; null: they were.' })
  reason!: string | null;
}

@ObjectType('DatasetFacts', {
  description: 'What is known of a dataset version before a model learns from it.',
  simpleResolvers: true,
})
export class DatasetFactsType {
  @Field(() => BigIntScalar, { description: 'All rows.' })
  rows!: number;

  @Field(() => BigIntScalar, { description: 'Rows that were read word by word: all, or a sample of large versions.' })
  readRows!: number;

  @Field(() => [ReportedSplitType], { description: 'Rows by split.' })
  splits!: ReportedSplitType[];

  @Field(() => [ReportedColumnType], { description: 'The columns.' })
  columns!: ReportedColumnType[];

  @Field(() => [LabelDistributionType], { description: 'Labels by column and split.' })
  labels!: LabelDistributionType[];

  @Field(() => [LengthDistributionType], { description: 'Lengths by column, unit and split.' })
  lengths!: LengthDistributionType[];

  @Field(() => VocabularyCoverageType, { nullable: true, description: 'Null: no model was chosen.' })
  vocabulary!: VocabularyCoverageType | null;

  @Field(() => [SplitDuplicatesType], { description: 'Copies by kind and pair of splits.' })
  duplicates!: SplitDuplicatesType[];

  @Field(() => [PersonalDataCountType], { description: 'Personal data by column and kind.' })
  personalData!: PersonalDataCountType[];

  @Field(() => [LanguageCountType], { description: 'Languages, the most frequent one first; none: nobody looked.' })
  languages!: LanguageCountType[];

  @Field(() => LabelJudgementType, {
    nullable: true,
    description: 'Which labels were judged for `LIKELY_LABEL_ERRORS`. Null: no column has a label for each text.',
  })
  labelJudgement!: LabelJudgementType | null;

  @Field(() => NearDuplicateSearchType, {
    nullable: true,
    description: 'Whether near copies were looked for. Null: the report was made before this was recorded.',
  })
  nearDuplicateSearch!: NearDuplicateSearchType | null;

  @Field(() => [ReportFindingType], {
    description:
      'What a person should know, the worst first, but for findings whose steps have to be applied before those of others: all suggested steps can be applied in this order.',
  })
  findings!: ReportFindingType[];
}

export function toDatasetFactsType(report: DatasetReport): DatasetFactsType {
  return Object.assign(new DatasetFactsType(), { ...report, findings: report.findings.map(toReportFindingType) });
}
