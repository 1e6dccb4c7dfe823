import { Field, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { ExampleType } from '../datasets/dataset.type.js';
import type { StoredExample } from '../datasets/dataset-commands.js';
import { connectionOf } from '../graphql/connection.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { HeadKindEnum, type ScoredKind } from '../models/model-head.type.js';
import { LabelProbabilityType } from './prediction.type.js';

export const MissingExamplesEnum = {
  NOT_SUCCEEDED: 'NOT_SUCCEEDED',
  OLDER_THAN_EXAMPLES: 'OLDER_THAN_EXAMPLES',
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  DISK_FULL: 'DISK_FULL',
} as const;
export type MissingExamples = keyof typeof MissingExamplesEnum;

registerEnumType(MissingExamplesEnum, {
  name: 'MissingExamples',
  description: 'Why an evaluation has no examples to list. New reasons may be added.',
  valuesConfig: {
    NOT_SUCCEEDED: { description: 'It has not ended yet, or ended without scores.' },
    OLDER_THAN_EXAMPLES: {
      description: 'It was made before predictions of single examples were kept: evaluate again to have them.',
    },
    QUOTA_EXCEEDED: {
      description: "The examples did not fit into the project's storage quota; the scores were kept.",
    },
    DISK_FULL: { description: 'The disk of the worker was full; the scores were kept.' },
  },
});

/** The texts of an example, and its row. */
export interface ExampleContent {
  readonly text: string | null;
  readonly textPair: string | null;
  readonly example: StoredExample | null;
}

@InterfaceType('EvaluatedExample', {
  description: 'What a model said of one row of the split that it was scored on, by the kind of its head.',
})
export abstract class EvaluatedExampleType {
  /** Read from the file of the dataset version, for the whole page at once. */
  readContent!: () => Promise<ExampleContent>;

  @Field(() => String, {
    description: 'Name of the task, which is the name of its head; of tokens, `tokens`.',
    simple: true,
  })
  task!: string;

  @Field(() => HeadKindEnum, { description: 'What the head predicts; of tokens, TOKENS.', simple: true })
  kind!: ScoredKind;

  @Field(() => BigIntScalar, { description: 'Row of the dataset version, from 0.', simple: true })
  row!: number;

  @Field(() => Boolean, {
    nullable: true,
    simple: true,
    description:
      'Whether the prediction equals the truth: the label; all labels; all entities, or all tags. Null for a regression, and of tokens.',
  })
  isRight!: boolean | null;

  @Field(() => Number, {
    nullable: true,
    simple: true,
    description:
      'The probability of what is predicted, from 0 to 1: of several labels or words, the least of theirs. Null for a regression, and of tokens.',
  })
  confidence!: number | null;

  @Field(() => Number, {
    simple: true,
    description:
      'How far the prediction is from the truth. 1 − the probability of the true label, and of several labels or words the most; 1 for a label that the head does not know. Of a regression: the mean distance over its outputs, each in standard deviations of the numbers that it learnt from. Of tokens: the mean −ln p of a token, in nats.',
  })
  error!: number;

  @Field(() => String, { nullable: true, description: 'The text; words of a list are joined by spaces.' })
  async text(): Promise<string | null> {
    return (await this.readContent()).text;
  }

  @Field(() => String, { nullable: true, description: 'The second text; null where the model reads single texts.' })
  async textPair(): Promise<string | null> {
    return (await this.readContent()).textPair;
  }

  @Field(() => ExampleType, { nullable: true, description: 'The row, with all columns.' })
  async example(): Promise<ExampleType | null> {
    const { example } = await this.readContent();
    return example && Object.assign(new ExampleType(), example);
  }
}

@ObjectType('ClassificationExample', {
  description: 'A text with one label, and the label that is predicted.',
  implements: EvaluatedExampleType,
})
export class ClassificationExampleType extends EvaluatedExampleType {
  @Field(() => String, { description: 'The true label, which the head need not know.', simple: true })
  trueLabel!: string;

  @Field(() => Number, {
    nullable: true,
    simple: true,
    description: 'The probability of the true label, from 0 to 1; null if the head does not know it.',
  })
  trueLabelProbability!: number | null;

  @Field(() => String, { description: 'The label that is predicted: the likeliest.', simple: true })
  predictedLabel!: string;

  @Field(() => [LabelProbabilityType], {
    simple: true,
    description: 'The five likeliest labels and the true one, the likeliest first.',
  })
  labels!: readonly LabelProbabilityType[];
}

@ObjectType('MultiLabelExample', {
  description: 'A text with any number of labels, and the labels that are predicted.',
  implements: EvaluatedExampleType,
})
export class MultiLabelExampleType extends EvaluatedExampleType {
  @Field(() => [String], { description: 'The true labels; the head need not know all of them.', simple: true })
  trueLabels!: readonly string[];

  @Field(() => [String], { description: 'The labels that are predicted.', simple: true })
  predictedLabels!: readonly string[];

  @Field(() => [String], { description: 'The true labels that are not predicted.', simple: true })
  missedLabels!: readonly string[];

  @Field(() => [String], { description: 'The predicted labels that are not true.', simple: true })
  falseLabels!: readonly string[];

  @Field(() => [LabelProbabilityType], {
    simple: true,
    description: 'The five likeliest labels and those that are true or predicted, the likeliest first.',
  })
  labels!: readonly LabelProbabilityType[];
}

@ObjectType('NumberComparison', { description: 'A number that is predicted, and the true one.', simpleResolvers: true })
export class NumberComparisonType {
  @Field(() => String, { description: 'Name of the output.' })
  name!: string;

  @Field(() => Number, { nullable: true, description: 'The true number; null where the row has none.' })
  trueValue!: number | null;

  @Field(() => Number, { description: 'The number that is predicted, in the unit of the data.' })
  predictedValue!: number;

  @Field(() => Number, {
    nullable: true,
    description: 'The distance of the two, in the unit of the data; null without a true number.',
  })
  absoluteError!: number | null;
}

@ObjectType('RegressionExample', {
  description: 'A text with numbers, and the numbers that are predicted.',
  implements: EvaluatedExampleType,
})
export class RegressionExampleType extends EvaluatedExampleType {
  @Field(() => [NumberComparisonType], { description: "In the order of the head's outputs.", simple: true })
  numbers!: readonly NumberComparisonType[];
}

@ObjectType('ComparedWord', {
  description: 'A word of a text, its true tag, and the one that is predicted.',
  simpleResolvers: true,
})
export class ComparedWordType {
  @Field(() => String, { description: 'The word.' })
  word!: string;

  @Field(() => BigIntScalar, { description: 'Where the word begins in `text`, in UTF-16 code units.' })
  start!: number;

  @Field(() => BigIntScalar, { description: 'Where the word ends in `text`, exclusive.' })
  end!: number;

  @Field(() => String, { description: 'The true tag, which the head need not know.' })
  trueTag!: string;

  @Field(() => String, { description: 'The tag that is predicted.' })
  predictedTag!: string;

  @Field(() => Number, { description: 'The probability of the predicted tag, from 0 to 1.' })
  probability!: number;
}

@ObjectType('TokenClassificationExample', {
  description: 'A text whose words have tags, and the tags that are predicted.',
  implements: EvaluatedExampleType,
})
export class TokenClassificationExampleType extends EvaluatedExampleType {
  /** Read with the text. */
  readWords!: () => Promise<readonly ComparedWordType[]>;

  @Field(() => [ComparedWordType], { description: 'The words that have a tag and that the model read, in order.' })
  words(): Promise<readonly ComparedWordType[]> {
    return this.readWords();
  }

  @Field(() => BigIntScalar, { description: 'Words whose tag is predicted wrong.', simple: true })
  wrongWordCount!: number;

  @Field(() => [String], {
    simple: true,
    description: 'The types of entities that are missed, each once; of plain tags, the tags.',
  })
  missedLabels!: readonly string[];

  @Field(() => [String], {
    simple: true,
    description: 'The types of entities that are found where there are none, each once; of plain tags, the tags.',
  })
  falseLabels!: readonly string[];
}

@ObjectType('TokenExample', {
  description: 'A text or a conversation whose tokens the model itself predicts.',
  implements: EvaluatedExampleType,
})
export class TokenExampleType extends EvaluatedExampleType {
  @Field(() => BigIntScalar, { description: 'Tokens that were predicted.', simple: true })
  tokenCount!: number;

  @Field(() => BigIntScalar, { description: 'Tokens than which no other was more probable.', simple: true })
  rightTokenCount!: number;

  @Field(() => Number, {
    nullable: true,
    simple: true,
    description:
      'The mean −ln p of a token, in nats, of the model that is compared with; null without one, and where it reads other tokens.',
  })
  baselineError!: number | null;
}

@ObjectType('RewardExample', {
  description:
    'A row whose answer is the better one of a pair, and the rewards of both. Where it is in several pairs, it is that with the largest error.',
  implements: EvaluatedExampleType,
})
export class RewardExampleType extends EvaluatedExampleType {
  @Field(() => Number, {
    nullable: true,
    simple: true,
    description: 'Reward of the better answer, in deviations from the mean of the held-out answers of the training.',
  })
  chosenReward!: number | null;

  @Field(() => Number, { nullable: true, simple: true, description: 'Reward of the other answer, in the same unit.' })
  rejectedReward!: number | null;
}

@ObjectType('PreferenceExample', {
  description:
    'A row whose answer is the better one of a pair, and what a language model makes of both. Where it is in several pairs, it is that with the largest error. It is right where the better answer has the likelier tokens.',
  implements: EvaluatedExampleType,
})
export class PreferenceExampleType extends EvaluatedExampleType {
  @Field(() => Number, {
    nullable: true,
    simple: true,
    description: 'Mean ln of the probability of a token of the better answer, in nats.',
  })
  chosenLogProbability!: number | null;

  @Field(() => Number, { nullable: true, simple: true, description: 'The same of the other answer.' })
  rejectedLogProbability!: number | null;

  @Field(() => Number, {
    nullable: true,
    simple: true,
    description: 'Implicit reward of the better answer; null without a reference.',
  })
  chosenReward!: number | null;

  @Field(() => Number, {
    nullable: true,
    simple: true,
    description: 'Implicit reward of the other answer; null without a reference.',
  })
  rejectedReward!: number | null;
}

export const evaluatedExamples = connectionOf('EvaluatedExample', 'examples of an evaluation', EvaluatedExampleType);
