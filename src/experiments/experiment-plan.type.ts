import { Field, Int, ObjectType } from 'type-graphql';
import { WrittenConversationType } from '../datasets/conversations/written-conversation.type.js';
import { ColumnRoleEnum, RoleSourceEnum } from '../datasets/preparation/column-role.type.js';
import { UnknownLabelType } from '../datasets/unknown-labels.type.js';
import { BaselineType, toBaselineType } from '../evaluations/baseline.type.js';
import { FindingType } from '../evaluations/finding.type.js';
import { toFindingTypes } from '../evaluations/to-finding-types.js';
import { resultUnion } from '../graphql/problem.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { TokenizationType, toTokenizationType } from '../models/tokenization.type.js';
import type { RoleSource } from '../protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../protocol/preparation/column-role.js';
import { EstimateBasisType, EstimatedPartType, toEstimateBasisType, toEstimatedParts } from './estimated-time.type.js';
import type { ExperimentPlan } from './experiment-plan.js';
import { HeldOutPartType, toHeldOutPartType } from './held-out.type.js';
import { HyperparametersType, toHyperparametersType } from './hyperparameters.type.js';
import { TrainingMethod, toMethodType } from './methods/type.js';
import { RecommendedHyperparameterType } from './recommended-hyperparameter.type.js';

@ObjectType('TokenCounts', {
  description:
    'Token counts of examples, special tokens included, measured in an evenly spaced sample of the training split.',
  simpleResolvers: true,
})
export class TokenCountsType {
  @Field(() => Int, { description: 'Examples in the sample; a small split is sampled whole.' })
  sampledExamples!: number;

  @Field(() => Number, { description: 'Tokens of an example on average, before truncation.' })
  mean!: number;

  @Field(() => Int, { description: 'Tokens of the middle example, before truncation.' })
  median!: number;

  @Field(() => Int, {
    description:
      "Tokens of the longest sampled example, before truncation. Texts beyond the model's context length count as that length; of language modelling, which divides them, all of them counts, estimated from a long one's beginning.",
  })
  longest!: number;

  @Field(() => Number, { description: 'Tokens of an example on average, as the model would read them.' })
  meanAfterTruncation!: number;

  @Field(() => Number, {
    description:
      'Share of the sampled examples that are cut to `maxLength`, from 0 to 1. Of language modelling: that are divided, of which all is learned.',
  })
  truncatedShare!: number;
}

@ObjectType('PlannedExample', {
  description: 'An example of the training split as the model would read it.',
  simpleResolvers: true,
})
export class PlannedExampleType {
  @Field(() => BigIntScalar, { description: "The example's row in the dataset version." })
  row!: number;

  @Field(() => [String], { description: "The example's texts: one, or a pair." })
  texts!: string[];

  @Field(() => TokenizationType, { description: 'Its tokens.' })
  tokenization!: TokenizationType;
}

@ObjectType('PlannedConversations', {
  description: 'Conversations as the model would read and learn them, from a sample of the training split.',
  simpleResolvers: true,
})
export class PlannedConversationsType {
  @Field(() => Int, { description: 'Rows in the sample; a small split is sampled whole.' })
  sampledRows!: number;

  @Field(() => Int, { description: 'Those of them that are cut to `maxLength` tokens.' })
  truncatedRows!: number;

  @Field(() => Int, {
    description: 'Those of which nothing can be learned because their answers are cut off, or are none.',
  })
  rowsWithoutTarget!: number;

  @Field(() => Int, { description: 'Those that can not be learned for another reason.' })
  faultyRows!: number;

  @Field(() => Number, { description: 'Tokens of a row that are learned, on average.' })
  meanTargets!: number;

  @Field(() => WrittenConversationType, {
    nullable: true,
    description: 'The first row that can be learned, token by token; null where none can.',
  })
  example!: WrittenConversationType | null;

  @Field(() => [WrittenConversationType], { description: 'The first rows that can not be learned, at most 5.' })
  faults!: readonly WrittenConversationType[];
}

@ObjectType('PlannedUnknownLabels', {
  description:
    'Labels or tags of the validation split that the training split does not have. Examples with one of them are left out of the validation loss, and count as wrong; of tags, words.',
  simpleResolvers: true,
})
export class PlannedUnknownLabelsType {
  @Field(() => String, { description: 'Name of the task.' })
  task!: string;

  @Field(() => String, { description: 'Column of the labels or tags.' })
  column!: string;

  @Field(() => BigIntScalar, {
    description: 'How often they occur: the number of examples; of lists, that of items.',
  })
  count!: number;

  @Field(() => BigIntScalar, { description: 'How many different ones there are.' })
  labelCount!: number;

  @Field(() => [UnknownLabelType], { description: 'The most frequent of them first; at most 100.' })
  labels!: UnknownLabelType[];
}

@ObjectType('ChosenDefault', {
  description:
    'The default of a hyperparameter that depends on the model or on what is trained, and why it was chosen.',
  simpleResolvers: true,
})
export class ChosenDefaultType {
  @Field(() => String, { description: 'Name of the hyperparameter in the input, e.g. pooling.' })
  hyperparameter!: string;

  @Field(() => String, { description: 'Its value, as the input would have it.' })
  value!: string;

  @Field(() => String, { description: 'Why it is the default here, a sentence for people.' })
  reason!: string;
}

@ObjectType('ChosenColumn', {
  description: 'A column that an input leaves out, and that the roles of the dataset version say.',
  simpleResolvers: true,
})
export class ChosenColumnType {
  @Field(() => [String], { description: 'Path in the input of the field that it stands for.' })
  path!: readonly string[];

  @Field(() => String, { description: 'Name of the column.' })
  column!: string;

  @Field(() => ColumnRoleEnum, { description: 'The role that it was chosen by.' })
  role!: ColumnRole;

  @Field(() => RoleSourceEnum, { description: 'How the column has come by the role.' })
  source!: RoleSource;

  @Field(() => String, {
    nullable: true,
    description: 'Why the role was guessed, in words that follow “because”; null for what was said.',
  })
  reason!: string | null;
}

@ObjectType('ExperimentPlan', {
  description: 'What an experiment would do, computed before anything is spent.',
  simpleResolvers: true,
})
export class ExperimentPlanType {
  @Field(() => TrainingMethod, { description: 'The method with its labels resolved.' })
  method!: typeof TrainingMethod;

  @Field(() => HyperparametersType, { description: 'All hyperparameters, defaults filled in.' })
  hyperparameters!: HyperparametersType;

  @Field(() => [ChosenDefaultType], {
    description:
      'Defaults of hyperparameters that the input leaves out, where they depend on the model, on what is trained or on how much, with their reasons.',
  })
  defaults!: ChosenDefaultType[];

  @Field(() => [RecommendedHyperparameterType], {
    description:
      'What hyperparameters should be for as many and as long examples as these, with reasons; `isPlanned` tells whether they are. The plan goes by its input and by defaults, not by these.',
  })
  recommended!: RecommendedHyperparameterType[];

  @Field(() => [ChosenColumnType], {
    description:
      'The columns that the input leaves out, which the roles of the dataset version say. Empty where it names them.',
  })
  chosenColumns!: readonly ChosenColumnType[];

  @Field(() => BigIntScalar, {
    description: 'Examples of the training split that have a text and a target of at least one head.',
  })
  trainExamples!: number;

  @Field(() => BigIntScalar, {
    description: 'Examples of the validation split that have a text and a target of at least one head.',
  })
  validationExamples!: number;

  @Field(() => HeldOutPartType, {
    nullable: true,
    description:
      'How the training split is divided because no validation split was given: `trainExamples` and `validationExamples` count its parts. Null where a split is measured.',
  })
  heldOut!: HeldOutPartType | null;

  @Field(() => [BaselineType], {
    description: 'Scores without learning anything, of each task, on the examples that are measured after each epoch.',
  })
  baselines!: BaselineType[];

  @Field(() => [FindingType], {
    description:
      'What a person should know of the data before training: warnings first. Texts are searched for duplicates in all splits.',
  })
  findings!: FindingType[];

  @Field(() => [PlannedUnknownLabelsType], {
    description:
      'For each head that does not learn all labels of the validation split, what it lacks. Empty if all is learnt.',
  })
  unknownLabels!: PlannedUnknownLabelsType[];

  @Field(() => Int, {
    description:
      'Optimizer steps of one epoch. For language modelling an estimate, from the lengths of sampled documents.',
  })
  stepsPerEpoch!: number;

  @Field(() => Int, {
    description:
      'Optimizer steps in all, unless early stopping ends training sooner. For language modelling an estimate.',
  })
  totalSteps!: number;

  @Field(() => BigIntScalar, { description: 'Numbers that training changes, new heads included.' })
  trainableParameters!: number;

  @Field(() => BigIntScalar, { description: 'Numbers that stay unchanged.' })
  frozenParameters!: number;

  @Field(() => BigIntScalar, {
    description: 'Estimated peak memory of the training thread, bytes: weights, gradients, moments and activations.',
  })
  estimatedMemoryBytes!: number;

  @Field(() => BigIntScalar, { description: 'Estimated size of one checkpoint, bytes.' })
  estimatedCheckpointBytes!: number;

  @Field(() => Number, {
    description:
      'Seconds that the run would take on a machine with nothing else to do, from reading its data to writing its model, unless early stopping ends it sooner: the sum of `estimatedParts`.',
  })
  estimatedSeconds!: number;

  @Field(() => [EstimatedPartType], { description: 'What the estimated seconds are spent on.' })
  estimatedParts!: EstimatedPartType[];

  @Field(() => EstimateBasisType, { description: 'Whose speed the estimate of the time is made with.' })
  estimateBasis!: EstimateBasisType;

  @Field(() => TokenCountsType, { description: 'Lengths of the texts, measured in a sample, not in the whole split.' })
  tokens!: TokenCountsType;

  @Field(() => PlannedExampleType, {
    nullable: true,
    description: 'The first sampled example as the model would read it; null when no example has the required texts.',
  })
  example!: PlannedExampleType | null;

  @Field(() => PlannedConversationsType, {
    nullable: true,
    description: 'Of instruction tuning: what is read and learned of sampled conversations. Null for other methods.',
  })
  conversations!: PlannedConversationsType | null;
}

export const planExperimentResult = resultUnion(
  'PlanExperimentResult',
  'The plan; or all problems that createExperiment would report, except for conversations that can not be learned where others can, which the plan shows.',
  ExperimentPlanType,
);

export function toExperimentPlanType({
  spec,
  example,
  conversations,
  baselines,
  findings,
  controlVersionId,
  referenceModelId,
  estimatedTime,
  estimateBasis,
  ...plan
}: ExperimentPlan): ExperimentPlanType {
  return Object.assign(new ExperimentPlanType(), plan, {
    conversations: conversations === null ? null : Object.assign(new PlannedConversationsType(), conversations),
    example:
      example === null
        ? null
        : {
            row: example.row,
            texts: example.texts,
            tokenization: toTokenizationType(example.encoding, example.tokenizer),
          },
    estimatedSeconds: estimatedTime.seconds,
    estimatedParts: toEstimatedParts(estimatedTime),
    estimateBasis: toEstimateBasisType(estimateBasis),
    heldOut: toHeldOutPartType(spec.heldOut),
    baselines: baselines.map(toBaselineType),
    findings: toFindingTypes(findings),
    method: toMethodType(spec, { controlVersionId, referenceModelId }),
    hyperparameters: toHyperparametersType(spec.hyperparameters),
  });
}
