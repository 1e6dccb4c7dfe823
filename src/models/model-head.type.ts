import { Field, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { enumName } from '../graphql/enum-name.js';
import { type HeadKind, type ModelHead, outputNames, steers, type TagScheme } from '../protocol/heads.js';

/** What scores are of: a head, or the model's own predictions of tokens, of texts or of judged answers. */
export type ScoredKind = HeadKind | 'tokens' | 'preferences';

/** The kinds, described. The code does not compile while one is missing. */
const headKinds: Readonly<Record<ScoredKind, string>> = {
  classification: 'One class of several for each text.',
  multiLabel: 'Any number of labels for each text.',
  regression: 'One or several numbers for each text.',
  tokenClassification: 'A tag for each word.',
  reward: 'How good an answer to a prompt is: one number, higher for better answers.',
  tokens: 'No head, but the model itself: the tokens of texts. Scores and examples of evaluations may be of this kind.',
  preferences:
    'No head, but a language model itself: which of two answers it prefers. Scores and examples of evaluations may be of this kind.',
};

/** Names of the kinds in the graph. */
export const HeadKindEnum: Readonly<Record<string, ScoredKind>> = Object.fromEntries(
  (Object.keys(headKinds) as ScoredKind[]).map((kind) => [enumName(kind), kind]),
);

registerEnumType(HeadKindEnum, {
  name: 'HeadKind',
  description: 'What a head predicts. New kinds may be added.',
  valuesConfig: Object.fromEntries(
    Object.entries(headKinds).map(([kind, description]) => [enumName(kind), { description }]),
  ),
});

export const TagSchemeEnum = { IOB2: 'iob2', PLAIN: 'plain' } as const satisfies Record<string, TagScheme>;

registerEnumType(TagSchemeEnum, {
  name: 'TagScheme',
  description: 'How the tags of words are read.',
  valuesConfig: {
    IOB2: {
      description:
        '`B-X` begins an entity of type X, `I-X` continues it, `O` is outside of all entities. Entities are scored as well as tags.',
    },
    PLAIN: { description: 'Each tag stands for itself, such as a part of speech.' },
  },
});

@InterfaceType('ModelHead', { description: 'A trained head on top of the encoder, one for each task.' })
export abstract class ModelHeadType {
  @Field(() => String, {
    description:
      'Name of the task: the first target column of a supervised experiment, else the name that the task was given.',
  })
  task!: string;

  @Field(() => HeadKindEnum, { description: 'What it predicts.' })
  kind!: HeadKind;

  @Field(() => [String], { description: 'Names of its outputs, in their order: labels, tags, or names of numbers.' })
  outputs!: readonly string[];
}

@ObjectType('ClassificationHead', {
  description: 'A trained classifier on top of the encoder, one for each task.',
  implements: ModelHeadType,
  simpleResolvers: true,
})
export class ClassificationHeadType extends ModelHeadType {
  @Field(() => [String], { description: 'The labels that it tells apart, in the order of its logits.' })
  labels!: readonly string[];
}

@ObjectType('ThresholdOfLabel', {
  description: 'The probability from which on a label is predicted.',
  simpleResolvers: true,
})
export class ThresholdOfLabelType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: 'From 0 to 1.' })
  threshold!: number;
}

@ObjectType('MultiLabelHead', {
  description: 'Predicts any number of labels for a text.',
  implements: ModelHeadType,
  simpleResolvers: true,
})
class MultiLabelHeadType extends ModelHeadType {
  @Field(() => [String], { description: 'The labels, in the order of its logits.' })
  labels!: readonly string[];

  @Field(() => [ThresholdOfLabelType], {
    description: 'The thresholds of the labels, in the same order.',
  })
  thresholds!: readonly ThresholdOfLabelType[];
}

@ObjectType('RegressionOutput', {
  description: 'A number that a head predicts: mean + scale · output of the head.',
  simpleResolvers: true,
})
class RegressionOutputType {
  @Field(() => String, { description: 'Its name: the column that it was learnt from.' })
  name!: string;

  @Field(() => Number, { description: "Mean of the column in the training split, in the column's unit." })
  mean!: number;

  @Field(() => Number, { description: "Standard deviation of the column in the training split, in the column's unit." })
  scale!: number;
}

@ObjectType('RegressionHead', {
  description: 'Predicts one or several numbers for a text.',
  implements: ModelHeadType,
  simpleResolvers: true,
})
class RegressionHeadType extends ModelHeadType {
  @Field(() => [RegressionOutputType], { description: 'The numbers, in the order of its outputs.' })
  numbers!: readonly RegressionOutputType[];
}

@ObjectType('TokenClassificationHead', {
  description: 'Predicts a tag for each word of a text.',
  implements: ModelHeadType,
  simpleResolvers: true,
})
class TokenClassificationHeadType extends ModelHeadType {
  @Field(() => [String], { description: 'The tags, in the order of its logits.' })
  tags!: readonly string[];

  @Field(() => TagSchemeEnum, { description: 'How the tags are read.' })
  scheme!: TagScheme;
}

@ObjectType('RewardEvidence', {
  description: 'How often a reward model puts the better answer of a pair first, on pairs that it did not learn.',
  simpleResolvers: true,
})
export class RewardEvidenceType {
  @Field(() => Int, { description: 'Pairs that were compared.' })
  pairs!: number;

  @Field(() => Int, {
    description: 'Pairs whose better answer has the higher reward; of two equal ones none is higher.',
  })
  right!: number;

  @Field(() => Number, {
    description:
      'Lower end of the interval of 95 % of their share, over prompts: pairs of one prompt count as dependent.',
  })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it.' })
  high!: number;
}

@ObjectType('RewardHead', {
  description: 'Gives a prompt with an answer a number, which is higher for better answers: (output − mean) / scale.',
  implements: ModelHeadType,
  simpleResolvers: true,
})
class RewardHeadType extends ModelHeadType {
  @Field(() => Number, { description: "Mean of the head's outputs over held-out answers." })
  mean!: number;

  @Field(() => Number, { description: 'Standard deviation of them.' })
  scale!: number;

  @Field(() => RewardEvidenceType, {
    nullable: true,
    description: 'What held-out pairs say of it; null: nothing is known, as of a model from elsewhere.',
  })
  evidence!: RewardEvidenceType | null;

  @Field(() => Boolean, {
    description:
      'Whether it may steer a policy by the evidence of its training: whether it is above chance on held-out pairs, by the lower end of the interval. An evaluation on more pairs may show it, too.',
  })
  steers!: boolean;
}

export function toModelHeadType(head: ModelHead): ModelHeadType {
  const common = { task: head.task, kind: head.kind, outputs: outputNames(head) };
  switch (head.kind) {
    case 'classification':
      return Object.assign(new ClassificationHeadType(), common, { labels: head.labels });
    case 'multiLabel':
      return Object.assign(new MultiLabelHeadType(), common, {
        labels: head.labels,
        thresholds: head.labels.map((label, c) => ({ label, threshold: head.thresholds[c]! })),
      });
    case 'regression':
      return Object.assign(new RegressionHeadType(), common, {
        numbers: head.outputs.map((name, k) => ({ name, mean: head.means[k]!, scale: head.scales[k]! })),
      });
    case 'tokenClassification':
      return Object.assign(new TokenClassificationHeadType(), common, { tags: head.labels, scheme: head.scheme });
    case 'reward': {
      const { mean, scale, evidence } = head;
      return Object.assign(new RewardHeadType(), common, { mean, scale, evidence, steers: steers(head) });
    }
    default:
      return head satisfies never;
  }
}
