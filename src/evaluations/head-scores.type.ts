import { Field, InterfaceType, ObjectType } from 'type-graphql';
import { UnknownLabelType } from '../datasets/unknown-labels.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { HeadKindEnum, type ScoredKind } from '../models/model-head.type.js';
import { baselinesOfScores } from '../protocol/baselines.js';
import type { TaskScores } from '../protocol/evaluation-scores.js';
import { BaselineType, toBaselineType } from './baseline.type.js';

@InterfaceType('HeadScores', { description: 'Scores of one task, by the kind of its head.' })
export abstract class HeadScoresType {
  @Field(() => String, {
    description:
      'Name of the task, which is the name of its head; of tokens, `tokens`; of a language model on judged answers, `preferences`.',
  })
  task!: string;

  @Field(() => HeadKindEnum, {
    description: 'What the head predicts; of tokens, TOKENS; of a language model on judged answers, PREFERENCES.',
  })
  kind!: ScoredKind;

  @Field(() => BigIntScalar, {
    description:
      'Examples scored: those with a target in at least one of the columns; of tokens, texts or conversations; of rewards and of judged answers, pairs of answers.',
  })
  exampleCount!: number;

  @Field(() => Number, {
    description:
      'Mean loss: cross-entropy in nats; for a regression, mean squared error on the standardized scale that the head learns on; of tokens, the mean −ln p of a token; of rewards and of judged answers, the mean −ln σ of the difference of a pair. Examples with an unknown label, and words with an unknown tag, are left out.',
  })
  loss!: number;

  @Field(() => [BaselineType], {
    description:
      'Scores without learning anything, on the same examples. Empty without examples, and of tokens; MSE is missing where every prediction is exact.',
  })
  baselines!: readonly BaselineType[];

  @Field(() => BigIntScalar, {
    description:
      'Examples with a true label that the head does not know, which count as wrong; of tags, words. 0 in scores older than this field.',
  })
  unknownLabelCount!: number;

  @Field(() => [UnknownLabelType], {
    description: 'The true labels or tags that the head does not know, the most frequent first; at most 100.',
  })
  unknownLabels!: readonly UnknownLabelType[];
}

@ObjectType('AveragedScores', {
  description: 'Precision, recall and F1 averaged over the classes.',
  simpleResolvers: true,
})
export class AveragedScoresType {
  @Field(() => Number, { description: 'From 0 to 1.' })
  precision!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  recall!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  f1!: number;
}

/** The fields that scores of all kinds have beside those that are stored. */
export function commonFieldsOf(
  scores: TaskScores,
): Pick<HeadScoresType, 'baselines' | 'unknownLabelCount' | 'unknownLabels'> {
  const unknown = 'unknown' in scores ? scores.unknown : undefined;
  return {
    baselines: baselinesOfScores(scores).map(toBaselineType),
    unknownLabelCount: unknown?.count ?? 0,
    unknownLabels: unknown?.labels ?? [],
  };
}
