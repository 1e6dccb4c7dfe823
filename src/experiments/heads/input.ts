import { Extensions, Field, InputType } from 'type-graphql';
import { TagSchemeEnum } from '../../models/model-head.type.js';
import type { ClassWeights, TagScheme, TargetKind, Thresholds } from '../../protocol/heads.js';
import { ClassWeightsKindEnum, ThresholdsKindEnum } from './type.js';

@InputType({ description: 'Weight of one label.' })
export class ClassWeightInput {
  @Field(() => String, { description: 'A label of the training split.' })
  label!: string;

  @Field(() => Number, { description: "Factor of the loss of this label's examples, from 1e-9 to 1e9." })
  weight!: number;
}

@InputType({ description: 'How much an example counts in the loss, by its label.' })
export class ClassWeightsInput {
  @Field(() => ClassWeightsKindEnum, { description: 'How the weights are determined.' })
  kind!: ClassWeights['kind'];

  @Field(() => [ClassWeightInput], {
    nullable: true,
    description: 'The weights; only with EXPLICIT, which requires them.',
  })
  weights!: ClassWeightInput[] | null;
}

/** Options of the field beside `labelColumn`. */
export const classWeightsField = {
  nullable: true,
  description: 'How much an example counts, by its label. Default: NONE.',
} as const;

@InputType({ description: 'The probability from which a label is predicted.' })
export class ThresholdOfLabelInput {
  @Field(() => String, { description: 'A label of the training split.' })
  label!: string;

  @Field(() => Number, { description: 'Between 0 and 1, both excluded.' })
  threshold!: number;
}

@InputType({ description: 'The probabilities from which labels are predicted.' })
export class ThresholdsInput {
  @Field(() => ThresholdsKindEnum, {
    defaultValue: ThresholdsKindEnum.CHOSEN,
    description: 'How the thresholds are determined.',
  })
  kind!: Thresholds['kind'];

  @Field(() => [ThresholdOfLabelInput], {
    nullable: true,
    description: 'The thresholds; only with GIVEN, which requires them. Labels that are not named have 0.5.',
  })
  thresholds!: ThresholdOfLabelInput[] | null;
}

@InputType({ description: 'One class of several for each example: softmax and cross-entropy.' })
export class ClassificationHeadInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Column of the labels. Rows without a label do not count in this head's loss. Default: the only column with the role LABEL.",
  })
  labelColumn?: string | null;

  @Field(() => ClassWeightsInput, classWeightsField)
  classWeights?: ClassWeightsInput | null;
}

@InputType({
  description: 'Any number of labels for each example: a sigmoid for each label, and binary cross-entropy.',
})
export class MultiLabelHeadInput {
  @Field(() => String, {
    nullable: true,
    description:
      "Column of lists of labels. An empty list means that no label applies; rows without a list do not count in this head's loss. Default: the only column with the role LABELS.",
  })
  labelColumn?: string | null;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description:
      "Factors of a label's loss in the examples that have it. BALANCED: examples without it / examples with it. Default: NONE.",
  })
  classWeights?: ClassWeightsInput | null;

  @Field(() => ThresholdsInput, {
    nullable: true,
    description: 'The probabilities from which labels are predicted. Default: CHOSEN.',
  })
  thresholds?: ThresholdsInput | null;
}

@InputType({ description: 'Numbers for each example: mean squared error on standardized targets.' })
export class RegressionHeadInput {
  @Field(() => [String], {
    nullable: true,
    description:
      "Columns of numbers, 1 to 64: each is one output, with the column's name. A row counts for those outputs that it has a number for. Default: the only column with the role NUMBER.",
  })
  targetColumns?: string[] | null;
}

@InputType({ description: 'A tag for each word of single texts: cross-entropy at the first token of each word.' })
export class TokenClassificationHeadInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Column of lists of tags, one tag for each word. Words are the items of a text column of lists; in a column of texts, white space separates the words. Default: the only column with the role TAGS.',
  })
  tagColumn?: string | null;

  @Field(() => TagSchemeEnum, {
    nullable: true,
    description:
      'How to read the tags. Default: IOB2 if every tag of the training split is `O` or begins with `B-` or `I-`, else PLAIN.',
  })
  scheme?: TagScheme | null;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description: 'How much a word counts in the loss, by its tag. Default: NONE.',
  })
  classWeights?: ClassWeightsInput | null;
}

/** The field of each head kind. A kind without a field does not compile. */
@Extensions({ oneOf: true })
@InputType({ description: 'What to predict: exactly one of the fields.' })
export class HeadInput implements Partial<Readonly<Record<TargetKind, unknown>>> {
  @Field(() => ClassificationHeadInput, { nullable: true, description: 'One class of several for each example.' })
  classification?: ClassificationHeadInput | null;

  @Field(() => MultiLabelHeadInput, { nullable: true, description: 'Any number of labels for each example.' })
  multiLabel?: MultiLabelHeadInput | null;

  @Field(() => RegressionHeadInput, { nullable: true, description: 'Numbers for each example.' })
  regression?: RegressionHeadInput | null;

  @Field(() => TokenClassificationHeadInput, { nullable: true, description: 'A tag for each word.' })
  tokenClassification?: TokenClassificationHeadInput | null;
}

/** Options of the field `head` beside `labelColumn`. */
export const headField = {
  nullable: true,
  description:
    'What to predict. Not allowed beside `labelColumn`. Default: what the roles of the columns say, as for `labelColumn`.',
} as const;

/** The input fields that describe a head: `head`, or in short `labelColumn` for single-label classification. */
export interface HeadFields {
  readonly labelColumn?: string | null;
  readonly classWeights?: ClassWeightsInput | null;
  readonly head?: HeadInput | null;
}
