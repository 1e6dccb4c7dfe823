import { Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { type ScoreMeasure, ScoreMeasureEnum } from '../evaluations/score-measure.js';
import { HyperparametersInput } from '../experiments/hyperparameters.input.js';
import { TrainingMethodInput } from '../experiments/methods/input.js';
import { FeedbackPolicyInput } from '../feedback/datasets/feedback-policy.type.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { Seed } from '../graphql/scalars.js';
import { type LoopGate, LoopStep, loopLimits } from './loop.js';
import { LoopAskInput, LoopPeopleInput, LoopPromptsInput, LoopWritingInput } from './loop-ask.input.js';

export const FeedbackLoopStepEnum = { ...LoopStep.enum };

registerEnumType(FeedbackLoopStepEnum, {
  name: 'FeedbackLoopStep',
  description: 'The steps of a round, in their order. New steps may be added.',
  valuesConfig: {
    MEASURING: { description: "The loop's model is evaluated, unless it was before." },
    ASKING: { description: 'People answer the questions of the round, for as long as it takes.' },
    PREPARING: { description: 'The answers of all rounds become a dataset version.' },
    TRAINING: { description: 'A model learns from the version.' },
    EVALUATING: { description: "The round's model is evaluated." },
    JUDGING: { description: "People compare the round's model with the former one, and with the first one." },
    DECIDING: { description: "The gate decides whether the round's model becomes the loop's." },
  },
});

const LoopTrainFromEnum = { BASE: 'BASE', CURRENT: 'CURRENT' } as const;
export type LoopTrainFrom = keyof typeof LoopTrainFromEnum;

registerEnumType(LoopTrainFromEnum, {
  name: 'FeedbackLoopTrainFrom',
  description: 'Which model each round trains.',
  valuesConfig: {
    BASE: {
      description:
        'The base model, anew: on all answers so far. Networks that go on from weights that learnt a part of the data often generalize worse than ones that learn all of it at once.',
    },
    CURRENT: { description: "The loop's model, on from where it is; the base model as long as there is none." },
  },
});

export const FeedbackLoopRuleEnum = { NOT_WORSE: 'NOT_WORSE', BETTER: 'BETTER' } as const satisfies Record<
  string,
  LoopGate['rule']
>;

registerEnumType(FeedbackLoopRuleEnum, {
  name: 'FeedbackLoopRule',
  description: "When a round's model becomes the loop's.",
  valuesConfig: {
    NOT_WORSE: {
      description:
        'Its score is not worse than that of the former model by more than `margin`; where people judge models, its win rate is at least 0.5 − `margin`.',
    },
    BETTER: {
      description:
        'It wins more often than it loses, and the exact sign test has a p-value up to `significance`. Of heads, a row counts as won that only the new model has right.',
    },
  },
});

@InputType({ description: 'How each round learns.' })
export class LoopTrainingInput {
  @Field(() => TrainingMethodInput, {
    description:
      'The training method. Columns that are left out are those that the version of the round has for them; control texts stay the same in all rounds.',
  })
  method!: TrainingMethodInput;

  @Field(() => LoopTrainFromEnum, {
    nullable: true,
    description:
      "Which model learns. Default: BASE where people label rows, and where another model than the loop's writes; else CURRENT.",
  })
  from?: LoopTrainFrom | null;

  @Field(() => HyperparametersInput, { nullable: true, description: 'Hyperparameters. Default: all defaults.' })
  hyperparameters?: HyperparametersInput | null;
}

@InputType({
  description:
    'What models are scored on: the same rows in all rounds, from which nobody learns. Language models are scored by the perplexity of the texts.',
})
export class LoopMeasuringInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'test', description: 'The split.' })
  split!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The column of the texts. Default: the one that the model learnt from, or that has the role.',
  })
  textColumn?: string | null;
}

@InputType({
  description:
    'Held-out pairs of answers, from which nobody learns: how often a model that writes gives the tokens of the better answer the higher mean probability. Its columns are told by their roles.',
})
export class LoopPreferencesInput {
  @Field(() => ID, { description: 'The version, of pairs or of rated answers.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'test', description: 'The split.' })
  split!: string;
}

@InputType({
  description:
    "Prompts on which people, or a reward model, compare what the round's model writes with what the former and the first model write: the same ones in all rounds.",
})
export class LoopJudgingInput extends LoopPromptsInput {
  @Field(() => Int, { description: `How many prompts, from 1 to ${loopLimits.maxItems}.` })
  most!: number;

  @Field(() => LoopWritingInput, { nullable: true, description: 'How the models write. Default: all defaults.' })
  writing?: LoopWritingInput | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A reward model that judges in place of people: the answer with the higher reward is better. It has to be above chance on held-out pairs. Default: people judge.',
  })
  rewardModelId?: string | null;
}

@InputType({ description: "What a round's model has to be to become the loop's. The first one has nothing to beat." })
export class LoopGateInput {
  @Field(() => FeedbackLoopRuleEnum, { defaultValue: 'NOT_WORSE', description: 'What is asked of it.' })
  rule!: LoopGate['rule'];

  @Field(() => ScoreMeasureEnum, {
    nullable: true,
    description:
      'Of NOT_WORSE without `judging`, the score that is compared. Default: PERPLEXITY of language models that are measured, and ACCURACY of those that only `preferences` scores; SUBSET_ACCURACY of several labels, else ACCURACY.',
  })
  measure?: ScoreMeasure | null;

  @Field(() => Float, {
    defaultValue: 0,
    description: 'Of NOT_WORSE, by how much it may be worse, from 0 up, in the unit of the score.',
  })
  margin!: number;

  @Field(() => Float, { defaultValue: 0.05, description: 'Of BETTER, the greatest p-value, above 0 and below 1.' })
  significance!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Of language models that are measured: its perplexity may be so many times that of the first model. Default: it is not looked at.',
  })
  maxPerplexityRatio?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Of models that `preferences` scores: by how much its accuracy on the held-out pairs may lie below the former model's, from 0 to 1. Default: it is not looked at.",
  })
  maxPreferenceDrop?: number | null;
}

@InputType({ description: 'A loop: who is asked what, how is learnt, what is measured, and what is promoted.' })
export class CreateFeedbackLoopInput {
  @Field(() => String, projectSlugOptions)
  projectSlug!: string;

  @Field(() => String, { description: 'Name for people; it need not be unique.' })
  name!: string;

  @Field(() => String, { defaultValue: '', description: 'What it is for.' })
  description!: string;

  @Field(() => ID, { description: 'The base model that rounds train from.' })
  baseModelId!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      "The loop's first model, which the first round's model has to beat. Default: the base model where the loop's model writes, else none.",
  })
  startModelId?: string | null;

  @Field(() => Int, { defaultValue: 5, description: `How many rounds, from 1 to ${loopLimits.maxRounds}.` })
  rounds!: number;

  @Field(() => LoopAskInput, { description: 'What people are asked in each round.' })
  ask!: LoopAskInput;

  @Field(() => LoopPeopleInput, { nullable: true, description: 'How they are asked. Default: all defaults.' })
  people?: LoopPeopleInput | null;

  @Field(() => FeedbackPolicyInput, {
    nullable: true,
    description: 'How the answers of an item become the value of a row. Default: what most people said.',
  })
  policy?: FeedbackPolicyInput | null;

  @Field(() => Int, { defaultValue: 1, description: 'Items with fewer answers are left out of what is learnt.' })
  leastAnswers!: number;

  @Field(() => ID, {
    nullable: true,
    description:
      'A version whose rows come before those of the answers in what each round learns, with its splits. It names its columns as versions of answers do: `text` and `label` or `labels`, or `prompt`, `chosen` and `rejected`. Answers are learnt in the split `train`. Default: none.',
  })
  startDataId?: string | null;

  @Field(() => LoopTrainingInput, { description: 'How each round learns.' })
  training!: LoopTrainingInput;

  @Field(() => LoopMeasuringInput, {
    nullable: true,
    description: 'What models are scored on. Default: nothing; then a gate needs `judging` or `preferences`.',
  })
  measuring?: LoopMeasuringInput | null;

  @Field(() => LoopPreferencesInput, {
    nullable: true,
    description: 'Of models that write: held-out pairs that they are scored on, too. Default: none.',
  })
  preferences?: LoopPreferencesInput | null;

  @Field(() => LoopJudgingInput, {
    nullable: true,
    description: 'Of models that write: prompts on which people compare them. Default: nobody is asked.',
  })
  judging?: LoopJudgingInput | null;

  @Field(() => LoopGateInput, { nullable: true, description: 'What is promoted. Default: what is not worse.' })
  gate?: LoopGateInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Name of an alias that stands for the loop's model: it is moved when a model is promoted, and created if there is none.",
  })
  alias?: string | null;

  @Field(() => Seed, {
    defaultValue: 0,
    description: 'Draws rows, prompts and what models write, for each round anew.',
  })
  seed!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({
  description:
    'What of a loop to change. `ask`, `measuring` and `preferences` count from the next round on, or from the present one if retryFeedbackLoop begins it anew (from MEASURING); all else counts from the next step on, but for a `gate` on other measures, which counts with them. Fields that are left out stay.',
})
export class UpdateFeedbackLoopInput {
  @Field(() => ID, { description: 'The loop.' })
  loopId!: string;

  @Field(() => String, { nullable: true, description: 'Its new name.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its new description.' })
  description?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many rounds it takes, from the present one on.' })
  rounds?: number | null;

  @Field(() => LoopAskInput, {
    nullable: true,
    description:
      'What is asked from the next round on: all of it anew. It is of the same kind: rows, prompts, classes and how many there are may be others.',
  })
  ask?: LoopAskInput | null;

  @Field(() => LoopMeasuringInput, {
    nullable: true,
    description:
      "What models are scored on from the next round on: all of it anew. The loop's model and the first one are evaluated on it, too.",
  })
  measuring?: LoopMeasuringInput | null;

  @Field(() => LoopPreferencesInput, {
    nullable: true,
    description: 'Of models that write: the held-out pairs that they are scored on from the next round on.',
  })
  preferences?: LoopPreferencesInput | null;

  @Field(() => LoopTrainingInput, { nullable: true, description: 'How rounds learn: all of it anew.' })
  training?: LoopTrainingInput | null;

  @Field(() => LoopGateInput, {
    nullable: true,
    description:
      'What is promoted: all of it anew. Given with `measuring` or `preferences`, or while those wait for the next round, it is a gate on their scores, and counts with them.',
  })
  gate?: LoopGateInput | null;

  @Field(() => LoopPeopleInput, { nullable: true, description: 'How people are asked: all of it anew.' })
  people?: LoopPeopleInput | null;

  @Field(() => FeedbackPolicyInput, { nullable: true, description: 'How answers become values: all of it anew.' })
  policy?: FeedbackPolicyInput | null;

  @Field(() => Int, { nullable: true, description: 'Items with fewer answers are left out of what is learnt.' })
  leastAnswers?: number | null;
}

@InputType({ description: 'A loop to act on.' })
export class FeedbackLoopActionInput {
  @Field(() => ID, { description: 'The loop.' })
  loopId!: string;
}

@InputType({ description: 'A failed loop that is to go on.' })
export class RetryFeedbackLoopInput {
  @Field(() => ID, { description: 'The loop.' })
  loopId!: string;

  @Field(() => FeedbackLoopStepEnum, {
    nullable: true,
    description:
      'The step of the present round to begin again with: the one that failed, or one before it. Default: the one that failed.',
  })
  from?: LoopStep | null;
}
