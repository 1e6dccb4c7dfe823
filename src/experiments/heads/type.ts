import { Field, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { HeadKindEnum, TagSchemeEnum, ThresholdOfLabelType } from '../../models/model-head.type.js';
import {
  type ClassWeights,
  outputNames,
  type TagScheme,
  type TargetHeadSpec,
  type TargetKind,
  type Thresholds,
  targetColumnsOf,
} from '../../protocol/heads.js';

export const ClassWeightsKindEnum = { NONE: 'none', BALANCED: 'balanced', EXPLICIT: 'explicit' } as const;

registerEnumType(ClassWeightsKindEnum, {
  name: 'ClassWeightsKind',
  description: 'How much an example counts in the loss, by its label.',
  valuesConfig: {
    NONE: { description: 'All labels have the same weight.' },
    BALANCED: {
      description:
        'N / (classes · examples of the label), over the training split: rare labels count more. For a multi-label head: examples without the label / examples with it.',
    },
    EXPLICIT: { description: 'The given weights, by label; 1 for all other labels.' },
  },
});

export const ThresholdsKindEnum = { CHOSEN: 'chosen', GIVEN: 'given' } as const satisfies Record<
  string,
  Thresholds['kind']
>;

registerEnumType(ThresholdsKindEnum, {
  name: 'ThresholdsKind',
  description: 'The probabilities from which labels are predicted.',
  valuesConfig: {
    CHOSEN: {
      description: 'For each label, the threshold with the highest F1 on the validation split, after training.',
    },
    GIVEN: { description: 'The given thresholds, by label; 0.5 for all other labels.' },
  },
});

@ObjectType('ClassWeight', { description: 'Weight of one label.', simpleResolvers: true })
export class ClassWeightType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: "Factor of the loss of this label's examples." })
  weight!: number;
}

@ObjectType('ClassWeights', {
  description: 'How much an example counts in the loss, by its label.',
  simpleResolvers: true,
})
export class ClassWeightsType {
  @Field(() => ClassWeightsKindEnum, { description: 'How the weights are determined.' })
  kind!: ClassWeights['kind'];

  @Field(() => [ClassWeightType], { description: 'The given weights; empty unless kind is EXPLICIT.' })
  weights!: ClassWeightType[];
}

@ObjectType('Thresholds', { description: 'The probabilities from which labels are predicted.', simpleResolvers: true })
class ThresholdsType {
  @Field(() => ThresholdsKindEnum, { description: 'How the thresholds are determined.' })
  kind!: Thresholds['kind'];

  @Field(() => [ThresholdOfLabelType], { description: 'The given thresholds; empty unless kind is GIVEN.' })
  thresholds!: ThresholdOfLabelType[];
}

@InterfaceType('TrainedHead', {
  description: 'A head that an experiment trains: what it predicts, and which columns it learns from.',
})
export abstract class TrainedHeadType {
  @Field(() => HeadKindEnum, { description: 'What the head predicts.' })
  kind!: TargetKind;

  @Field(() => [String], { description: "The columns that the head's targets come from." })
  targetColumns!: readonly string[];

  @Field(() => [String], {
    description: "Names of the head's outputs, in their order: labels, tags, or columns of numbers.",
  })
  outputs!: readonly string[];
}

@ObjectType('TrainedClassificationHead', {
  description: 'One class of several for each example: softmax and cross-entropy.',
  implements: TrainedHeadType,
  simpleResolvers: true,
})
class TrainedClassificationHeadType extends TrainedHeadType {
  @Field(() => String, { description: 'Column of the labels.' })
  labelColumn!: string;

  @Field(() => [String], { description: 'The labels, in the order of the logits.' })
  labels!: readonly string[];

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.' })
  classWeights!: ClassWeightsType;
}

@ObjectType('TrainedMultiLabelHead', {
  description: 'Any number of labels for each example: a sigmoid for each label, and binary cross-entropy.',
  implements: TrainedHeadType,
  simpleResolvers: true,
})
class TrainedMultiLabelHeadType extends TrainedHeadType {
  @Field(() => String, { description: 'Column of the lists of labels.' })
  labelColumn!: string;

  @Field(() => [String], { description: 'The labels, in the order of the logits.' })
  labels!: readonly string[];

  @Field(() => ClassWeightsType, {
    description:
      "Factors of a label's loss in the examples that have it. BALANCED: examples without it / examples with it.",
  })
  classWeights!: ClassWeightsType;

  @Field(() => ThresholdsType, { description: 'The probabilities from which labels are predicted.' })
  thresholds!: ThresholdsType;
}

@ObjectType('TrainedRegressionHead', {
  description:
    'Numbers for each example: mean squared error on targets that are standardized on the training split. The outputs have the names of their columns.',
  implements: TrainedHeadType,
  simpleResolvers: true,
})
class TrainedRegressionHeadType extends TrainedHeadType {}

@ObjectType('TrainedTokenClassificationHead', {
  description: 'A tag for each word: cross-entropy at the first token of each word.',
  implements: TrainedHeadType,
  simpleResolvers: true,
})
class TrainedTokenClassificationHeadType extends TrainedHeadType {
  @Field(() => String, { description: 'Column of the lists of tags.' })
  tagColumn!: string;

  @Field(() => [String], { description: 'The tags, in the order of the logits.' })
  tags!: readonly string[];

  @Field(() => TagSchemeEnum, { description: 'How the tags are read.' })
  scheme!: TagScheme;

  @Field(() => ClassWeightsType, { description: 'How much a word counts in the loss, by its tag.' })
  classWeights!: ClassWeightsType;
}

export function toHeadType(head: TargetHeadSpec): TrainedHeadType {
  const common = { kind: head.kind, targetColumns: targetColumnsOf(head), outputs: outputNames(head) };
  switch (head.kind) {
    case 'classification':
      return Object.assign(new TrainedClassificationHeadType(), common, {
        labelColumn: head.labelColumn,
        labels: head.labels,
        classWeights: toClassWeightsType(head.classWeights),
      });
    case 'multiLabel':
      return Object.assign(new TrainedMultiLabelHeadType(), common, {
        labelColumn: head.labelColumn,
        labels: head.labels,
        classWeights: toClassWeightsType(head.classWeights),
        thresholds: toThresholdsType(head.thresholds),
      });
    case 'regression':
      return Object.assign(new TrainedRegressionHeadType(), common);
    case 'tokenClassification':
      return Object.assign(new TrainedTokenClassificationHeadType(), common, {
        tagColumn: head.tagColumn,
        tags: head.labels,
        scheme: head.scheme,
        classWeights: toClassWeightsType(head.classWeights),
      });
    default:
      return head satisfies never;
  }
}

/** Options of fields that describe only a classification, while `head` describes every kind. */
export const useHead = { deprecationReason: 'Use `head`, which describes every kind of head.' } as const;

/** The fields of a method or task from the time when classification was the only kind of head. */
export interface FormerHeadFields {
  readonly labelColumn: string;
  readonly labels: readonly string[];
  readonly classWeights: ClassWeightsType;
}

export function formerFieldsOf(head: TargetHeadSpec): FormerHeadFields {
  return {
    labelColumn: targetColumnsOf(head)[0]!,
    labels: 'labels' in head ? head.labels : [],
    classWeights: toClassWeightsType('classWeights' in head ? head.classWeights : { kind: 'none' }),
  };
}

function toClassWeightsType(weights: ClassWeights): ClassWeightsType {
  return { kind: weights.kind, weights: weights.kind === 'explicit' ? weights.weights : [] };
}

function toThresholdsType(thresholds: Thresholds): ThresholdsType {
  return { kind: thresholds.kind, thresholds: thresholds.kind === 'given' ? thresholds.thresholds : [] };
}
