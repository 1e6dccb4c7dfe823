import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { resultUnion } from '../graphql/problem.type.js';
import { HeadKindEnum } from '../models/model-head.type.js';
import type { HeadKind } from '../protocol/heads.js';
import type { TaskPrediction } from '../protocol/job.js';
import type { Predicted } from './prediction.service.js';

@InterfaceType('HeadPrediction', {
  description: 'What one head predicts for a text. Each kind of head has its own type.',
})
export abstract class HeadPredictionType {
  @Field(() => String, { description: 'Name of the head.' })
  task!: string;

  @Field(() => HeadKindEnum, { description: 'What the head predicts.' })
  kind!: HeadKind;
}

@ObjectType('LabelProbability', { description: 'How likely a label is.', simpleResolvers: true })
export class LabelProbabilityType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: "From 0 to 1; a task's probabilities sum to 1." })
  probability!: number;
}

@ObjectType('TaskPrediction', {
  description: 'What one classification head predicts for a text.',
  implements: HeadPredictionType,
  simpleResolvers: true,
})
export class ClassificationPredictionType extends HeadPredictionType {
  /** Most likely first. */
  allLabels!: LabelProbabilityType[];

  @Field(() => String, { description: 'The most likely label.' })
  label!: string;

  @Field(() => Number, { description: 'How likely that label is, from 0 to 1.' })
  probability!: number;
}

@ObjectType('LabelDecision', {
  description: 'How likely a label is, and whether it is predicted.',
  simpleResolvers: true,
})
export class LabelDecisionType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, {
    description: "From 0 to 1. Labels are independent: a task's probabilities need not sum to 1.",
  })
  probability!: number;

  @Field(() => Number, { description: 'The label is predicted from this probability on.' })
  threshold!: number;

  @Field(() => Boolean, { description: 'Whether its probability reaches its threshold.' })
  isPredicted!: boolean;
}

@ObjectType('MultiLabelPrediction', {
  description: 'What one multi-label head predicts for a text.',
  implements: HeadPredictionType,
  simpleResolvers: true,
})
export class MultiLabelPredictionType extends HeadPredictionType {
  /** Most likely first. */
  allLabels!: LabelDecisionType[];

  @Field(() => [String], { description: 'The labels that are predicted, most likely first; may be none.' })
  predictedLabels!: string[];
}

@ObjectType('PredictedNumber', { description: 'A number that is predicted.', simpleResolvers: true })
class PredictedNumberType {
  @Field(() => String, { description: 'Name of the output.' })
  name!: string;

  @Field(() => Number, { description: 'In the unit of the training data.' })
  value!: number;
}

@ObjectType('RegressionPrediction', {
  description: 'What one regression head predicts for a text.',
  implements: HeadPredictionType,
  simpleResolvers: true,
})
class RegressionPredictionType extends HeadPredictionType {
  @Field(() => Number, {
    nullable: true,
    description: 'The number, in the unit of the training data; null of a head with several outputs.',
  })
  value!: number | null;

  @Field(() => [PredictedNumberType], { description: 'One for each output of the head, in their order.' })
  values!: PredictedNumberType[];
}

@ObjectType('TaggedWord', { description: 'A word of a text, and its tag.', simpleResolvers: true })
class TaggedWordType {
  @Field(() => Int, { description: 'Where it begins in the text, in UTF-16 code units.' })
  start!: number;

  @Field(() => Int, { description: 'Where it ends in the text, in UTF-16 code units, exclusive.' })
  end!: number;

  @Field(() => String, { description: 'Its most likely tag.' })
  tag!: string;

  @Field(() => Number, {
    description: 'How likely that tag is, from 0 to 1; the probabilities of all tags of a word sum to 1.',
  })
  probability!: number;
}

@ObjectType('TaggedSpan', {
  description: 'Consecutive words that form an entity, or that share a plain tag.',
  simpleResolvers: true,
})
class TaggedSpanType {
  @Field(() => Int, { description: 'Where it begins in the text, in UTF-16 code units.' })
  start!: number;

  @Field(() => Int, { description: 'Where it ends in the text, in UTF-16 code units, exclusive.' })
  end!: number;

  @Field(() => String, { description: 'Type of the entity; with plain tags, the tag.' })
  label!: string;

  @Field(() => Number, { description: "Mean of its words' probabilities, from 0 to 1." })
  probability!: number;
}

@ObjectType('TokenClassificationPrediction', {
  description: 'What one token classification head predicts for a text.',
  implements: HeadPredictionType,
  simpleResolvers: true,
})
class TokenClassificationPredictionType extends HeadPredictionType {
  @Field(() => [TaggedWordType], {
    description:
      'The words that the model saw, in their order. White space separates words; a punctuation mark before or after a word, and each Chinese character, is a word of its own.',
  })
  words!: TaggedWordType[];

  @Field(() => [TaggedSpanType], {
    description:
      'Entities that IOB2 tags mark; with plain tags, runs of words that share a tag other than `O`. In their order.',
  })
  spans!: TaggedSpanType[];
}

@ObjectType('RewardPrediction', {
  description: 'How good a reward model finds an answer: higher is better.',
  implements: HeadPredictionType,
  simpleResolvers: true,
})
class RewardPredictionType extends HeadPredictionType {
  @Field(() => Number, {
    nullable: true,
    description:
      'In deviations from the mean of the held-out answers of the training. Null: the model reads no token of the answer, as it is empty and no token ends answers, or lies beyond the tokens that are read.',
  })
  reward!: number | null;

  @Field(() => Number, { nullable: true, description: 'As the head gives it; null where there is no reward.' })
  output!: number | null;
}

@ObjectType('TextPrediction', { description: 'What a model predicts for a text.', simpleResolvers: true })
export class TextPredictionType {
  @Field(() => Int, { description: 'Tokens that the model saw, special tokens included.' })
  tokenCount!: number;

  @Field(() => Boolean, { description: 'Whether the text was cut because it has more tokens than the model reads.' })
  truncated!: boolean;

  @Field(() => [HeadPredictionType], { description: 'One prediction for each head.' })
  predictions!: HeadPredictionType[];

  @Field(() => [ClassificationPredictionType], {
    description: 'One prediction for each classification head.',
    deprecationReason: 'Use `predictions`: heads of other kinds are not in this list.',
  })
  tasks!: ClassificationPredictionType[];
}

@ObjectType('Prediction', { description: 'What a model predicts for texts.', simpleResolvers: true })
export class PredictionType {
  modelUuid!: string;

  @Field(() => ID, {
    description: 'What `recordFeedback` knows these predictions by, for an hour: they are not kept longer.',
  })
  feedbackId!: string;

  @Field(() => [TextPredictionType], { description: 'One entry for each text, in the order that they were given.' })
  texts!: TextPredictionType[];
}

export const predictResult = resultUnion('PredictResult', 'The predictions, or why there are none.', PredictionType);

export function toPredictionType({ id, model, texts }: Predicted): PredictionType {
  return Object.assign(new PredictionType(), {
    modelUuid: model.id,
    feedbackId: id,
    texts: texts.map(({ tasks, ...text }) => {
      const predictions = tasks.map(toHeadPredictionType);
      const classified = predictions.filter((each) => each instanceof ClassificationPredictionType);
      return { ...text, predictions, tasks: classified };
    }),
  });
}

function toHeadPredictionType(prediction: TaskPrediction): HeadPredictionType {
  switch (prediction.kind) {
    case 'classification': {
      const { labels, ...rest } = prediction;
      return Object.assign(new ClassificationPredictionType(), rest, { allLabels: labels, ...labels[0] });
    }
    case 'multiLabel': {
      const { labels, ...rest } = prediction;
      const predictedLabels = labels.filter(({ isPredicted }) => isPredicted).map(({ label }) => label);
      return Object.assign(new MultiLabelPredictionType(), rest, { allLabels: labels, predictedLabels });
    }
    case 'regression': {
      const [first, second] = prediction.values;
      const value = second === undefined ? (first?.value ?? null) : null;
      return Object.assign(new RegressionPredictionType(), prediction, { value });
    }
    case 'tokenClassification':
      return Object.assign(new TokenClassificationPredictionType(), prediction);
    case 'reward':
      return Object.assign(new RewardPredictionType(), prediction, { reward: prediction.value });
    default:
      return prediction satisfies never;
  }
}
