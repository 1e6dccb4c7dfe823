import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Seed } from '../../graphql/scalars.js';
import { agreementReasons } from '../../statistics/agreement/agreement.js';
import type { KappaWeights } from '../../statistics/agreement/cohen-kappa.js';
import type { Level } from '../../statistics/agreement/krippendorff-alpha.js';
import type { MissingInterval } from '../../statistics/bootstrap.js';
import { resultLimits } from './result-limits.js';
import type { Coefficient, CoefficientReason, TaskAgreement } from './statistics/agreement.js';

const AgreementLevelEnum = {
  NOMINAL: 'NOMINAL',
  ORDINAL: 'ORDINAL',
  INTERVAL: 'INTERVAL',
} as const satisfies Readonly<Record<Level, Level>>;
registerEnumType(AgreementLevelEnum, {
  name: 'AgreementLevel',
  description: "How far two answers are from each other, for Krippendorff's alpha.",
  valuesConfig: {
    NOMINAL: { description: 'They are equal or not.' },
    ORDINAL: { description: 'By how many answers lie between them. For ratings.' },
    INTERVAL: { description: 'By the difference of their numbers. For ratings.' },
  },
});

const KappaWeightsEnum = {
  NONE: 'NONE',
  LINEAR: 'LINEAR',
  QUADRATIC: 'QUADRATIC',
} as const satisfies Readonly<Record<KappaWeights, KappaWeights>>;
registerEnumType(KappaWeightsEnum, {
  name: 'KappaWeights',
  description: "How much a difference of two answers counts, for Cohen's kappa.",
  valuesConfig: {
    NONE: { description: 'Any as much as any other.' },
    LINEAR: { description: 'By its steps. For ratings.' },
    QUADRATIC: { description: 'By the square of its steps. For ratings.' },
  },
});

const reasons: Readonly<Record<CoefficientReason, string>> = {
  ...agreementReasons,
  NOT_DEFINED: 'It is not defined for answers of this kind.',
  NOT_TWO_ANNOTATORS: "Cohen's kappa compares exactly two people; more answered.",
};
const CoefficientReasonEnum = Object.fromEntries(Object.keys(reasons).map((reason) => [reason, reason]));
registerEnumType(CoefficientReasonEnum, {
  name: 'AgreementReason',
  description: 'Why a coefficient of agreement has no value. New reasons may be added.',
  valuesConfig: Object.fromEntries(Object.entries(reasons).map(([reason, description]) => [reason, { description }])),
});

export const MissingIntervalEnum = {
  NO_VALUE: 'NO_VALUE',
  FEW_UNITS: 'FEW_UNITS',
  MANY_UNDEFINED_SAMPLES: 'MANY_UNDEFINED_SAMPLES',
} as const satisfies Readonly<Record<MissingInterval, MissingInterval>>;
registerEnumType(MissingIntervalEnum, {
  name: 'MissingInterval',
  description: 'Why there is no interval. New reasons may be added.',
  valuesConfig: {
    NO_VALUE: { description: 'There is no value.' },
    FEW_UNITS: { description: 'Fewer than ten items or prompts count.' },
    MANY_UNDEFINED_SAMPLES: { description: 'More than a tenth of the samples have no value.' },
  },
});

@ArgsType()
export class AgreementArgs {
  @Field(() => Int, {
    defaultValue: resultLimits.defaultRounds,
    description: `Samples of items that intervals come from, ${resultLimits.minRounds} to ${resultLimits.maxRounds}.`,
  })
  rounds!: number;

  @Field(() => Seed, { defaultValue: 0, description: 'Decides which samples are drawn.' })
  seed!: number;

  @Field(() => AgreementLevelEnum, {
    nullable: true,
    description: "How Krippendorff's alpha measures distance. Default: INTERVAL of ratings, NOMINAL of all else.",
  })
  level?: Level | null;

  @Field(() => KappaWeightsEnum, {
    nullable: true,
    description: "How Cohen's kappa weighs differences. Default: QUADRATIC of ratings, NONE of all else.",
  })
  weights?: KappaWeights | null;
}

@ObjectType('AgreementCoefficient', {
  description: 'A coefficient of agreement, or why it has no value.',
  simpleResolvers: true,
})
export class AgreementCoefficientType {
  @Field(() => Float, { nullable: true, description: 'The coefficient; null: `reason` says why.' })
  value!: number | null;

  @Field(() => CoefficientReasonEnum, { nullable: true, description: 'Why it has no value; null: it has one.' })
  reason!: CoefficientReason | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of an interval of 95 %, over items; null: see `missing`.',
  })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of it.' })
  upper!: number | null;

  @Field(() => MissingIntervalEnum, { nullable: true, description: 'Why there is no interval; null: there is one.' })
  missing!: MissingInterval | null;

  @Field(() => Int, { description: 'Items that count: those that two people answered.' })
  units!: number;

  @Field(() => Int, { description: 'Answers to these.' })
  answers!: number;
}

@ObjectType('FeedbackLabelAgreement', {
  description: 'Agreement on whether items have a label.',
  simpleResolvers: true,
})
class FeedbackLabelAgreementType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => AgreementCoefficientType, { description: 'How often two people said the same.' })
  raw!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Krippendorff's alpha, nominal." })
  alpha!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Gwet's AC1." })
  gwetAc1!: AgreementCoefficientType;
}

@ObjectType('FeedbackAgreement', {
  description:
    'How far people agree. Of several labels, values are means over labels that have one; of rankings, they are about the pairs of answers; of spans, `raw` is the F1 of equal spans, and `alpha` about characters. docs/methods/agreement.md has the formulas.',
  simpleResolvers: true,
})
export class FeedbackAgreementType {
  @Field(() => AgreementLevelEnum, { description: 'How `alpha` measures distance.' })
  level!: Level;

  @Field(() => AgreementCoefficientType, { description: 'How often two people said the same of an item.' })
  raw!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Krippendorff's alpha: for any number of people and answers." })
  alpha!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Gwet's AC1: stable where nearly all items are of one kind." })
  gwetAc1!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Fleiss' kappa: for as many answers to each item." })
  fleissKappa!: AgreementCoefficientType;

  @Field(() => AgreementCoefficientType, { description: "Cohen's kappa: for two people." })
  cohenKappa!: AgreementCoefficientType;

  @Field(() => [FeedbackLabelAgreementType], {
    description: 'Of each label, where an item may have several; else empty.',
  })
  labels!: FeedbackLabelAgreementType[];
}

const toCoefficientType = (coefficient: Coefficient): AgreementCoefficientType =>
  Object.assign(new AgreementCoefficientType(), coefficient);

export function toFeedbackAgreementType(agreement: TaskAgreement): FeedbackAgreementType {
  return Object.assign(new FeedbackAgreementType(), {
    level: agreement.level,
    raw: toCoefficientType(agreement.raw),
    alpha: toCoefficientType(agreement.alpha),
    gwetAc1: toCoefficientType(agreement.gwetAc1),
    fleissKappa: toCoefficientType(agreement.fleissKappa),
    cohenKappa: toCoefficientType(agreement.cohenKappa),
    labels: agreement.labels.map(({ label, raw, alpha, gwetAc1 }) =>
      Object.assign(new FeedbackLabelAgreementType(), {
        label,
        raw: toCoefficientType(raw),
        alpha: toCoefficientType(alpha),
        gwetAc1: toCoefficientType(gwetAc1),
      }),
    ),
  });
}
