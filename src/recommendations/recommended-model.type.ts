import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { HyperparametersType, toHyperparametersType } from '../experiments/hyperparameters.type.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { TrainingKind } from '../protocol/recommendation/candidate.js';
import { ProbeMeasure } from '../protocol/recommendation/evidence.js';
import { ReasonWeight, RecommendationReasonCode } from '../protocol/recommendation/reason.js';
import type { RecommendedModel } from '../protocol/recommendation/recommend-job.js';

const TrainingKindEnum = TrainingKind.enum;
const ProbeMeasureEnum = ProbeMeasure.enum;
const ReasonWeightEnum = ReasonWeight.enum;
const ReasonCodeEnum = RecommendationReasonCode.enum;

registerEnumType(TrainingKindEnum, {
  name: 'TrainingKind',
  description: 'What of a model is trained.',
  valuesConfig: {
    FULL: { description: 'All of it.' },
    LORA: { description: 'A low-rank adapter beside it, and the heads: `adapter { lora }`.' },
    FROZEN: { description: 'Heads alone, over the frozen encoder: `freeze { kind: ENCODER }`.' },
  },
});

registerEnumType(ProbeMeasureEnum, {
  name: 'ProbeMeasure',
  description: 'What a probe is scored by: better when greater.',
  valuesConfig: {
    ACCURACY: { description: 'Share of the examples that are right; of tags, of the words.' },
    LABEL_RANKING: {
      description: 'Label ranking average precision: how far above all others the labels of an example stand.',
    },
    R2: { description: 'Share of the variance of the numbers that is explained, in the mean over the columns.' },
    MEAN_OF_TASKS: { description: 'Of several heads, the mean of their scores.' },
  },
});

registerEnumType(ReasonWeightEnum, {
  name: 'RecommendationWeight',
  description: 'What a reason says of a model.',
  valuesConfig: {
    FOR: { description: 'It speaks for the model.' },
    AGAINST: { description: 'It speaks against the model.' },
    EXCLUDES: { description: 'The model is out of the question.' },
  },
});

registerEnumType(ReasonCodeEnum, {
  name: 'RecommendationReasonCode',
  description: 'Why a model stands where it stands, for a program to branch on. New codes may be added.',
  valuesConfig: {
    BEST_PROBE: { description: 'Its probe has the best score, or one that can not be told from the best.' },
    PROBE: { description: "How its probe's score compares with the best." },
    NO_BETTER_THAN_GUESSING: { description: 'Its probe is no better than the most frequent class, or the mean.' },
    BEST_TRANSFERABILITY: { description: 'Its features explain the targets best by LogME.' },
    MOST_COMPACT_TOKENS: { description: 'It needs the fewest tokens for a word, or nearly so.' },
    UNKNOWN_TOKENS: { description: 'It has no token for one in a hundred pieces of the words, or more.' },
    TEXTS_TRUNCATED: { description: 'It does not read one in twenty examples to its end, or more.' },
    FITS_BUDGET: { description: 'The suggested training is within the budget.' },
    OVER_MEMORY: { description: 'A training takes more memory than the budget has.' },
    OVER_TIME: { description: 'A training takes more time than the budget has.' },
    LEARNT_FROM_DATASET: { description: 'It was trained on a version of this dataset: its score may be too good.' },
    TASK_NOT_SUPPORTED: { description: 'It can not be given this task.' },
    SUGGESTED_TRAINING: { description: 'Why this training is suggested.' },
    LICENCE_DENIED: { description: "The project's policy denies its licence." },
    LICENCE_WARNED: { description: "The project's policy warns of its licence." },
    TOO_LARGE_TO_PROBE: { description: 'The worker has too little memory to measure it; it was not loaded.' },
    UNREADABLE_MODEL: { description: 'Its files are missing, damaged or can not be computed.' },
  },
});

@ObjectType('RecommendationReason', {
  description: 'Something that speaks for a model or against it.',
  simpleResolvers: true,
})
export class RecommendationReasonType {
  @Field(() => ReasonCodeEnum, { description: 'What it is, for programs.' })
  code!: RecommendationReasonCode;

  @Field(() => ReasonWeightEnum, { description: 'What it says of the model.' })
  weight!: ReasonWeight;

  @Field(() => String, { description: 'The same in an English sentence with its figures.' })
  message!: string;
}

@ObjectType('ReadingEvidence', {
  description: "How a model's tokenizer reads a sample of the training split.",
  simpleResolvers: true,
})
export class ReadingEvidenceType {
  @Field(() => Int, { description: 'Examples in the sample.' })
  texts!: number;

  @Field(() => Float, { description: 'Tokens of a word on average.' })
  tokensPerWord!: number;

  @Field(() => Float, { description: "Share of words' pieces that the vocabulary has no token for, from 0 to 1." })
  unknownShare!: number;

  @Field(() => Float, { description: 'Tokens of the middle example, special tokens included.' })
  medianTokens!: number;

  @Field(() => Float, { description: 'Tokens that 95 % of the examples do not exceed.' })
  percentile95Tokens!: number;

  @Field(() => Int, { description: 'Tokens that a training would cut texts to.' })
  maxLength!: number;

  @Field(() => Float, { description: 'Share of the examples that are longer, from 0 to 1.' })
  truncatedShare!: number;
}

@ObjectType('ProbeEvidence', {
  description: 'What a frozen model is worth for the task: scored on examples that the probe did not see.',
  simpleResolvers: true,
})
export class ProbeEvidenceType {
  @Field(() => ProbeMeasureEnum, { description: 'What the score is.' })
  measure!: ProbeMeasure;

  @Field(() => Float, { description: 'The score.' })
  score!: number;

  @Field(() => Float, { description: 'Its standard error, by the examples.' })
  standardError!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'The same measure without a model: of the most frequent class, the mean; null: there is none.',
  })
  baseline!: number | null;

  @Field(() => Int, { description: 'Examples, or of tags words, of the sample.' })
  examples!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'LogME (You et al. 2021, arXiv:2102.11005): the logarithm of the maximum evidence of the targets given the features, for each example; null: not computed.',
  })
  logMe!: number | null;

  @Field(() => Float, { description: 'Seconds that encoding and probe took.' })
  seconds!: number;
}

@ObjectType('ModelEvidence', { description: 'What was measured of a model.', simpleResolvers: true })
export class ModelEvidenceType {
  @Field(() => ReadingEvidenceType, { description: 'How it reads the texts.' })
  reading!: ReadingEvidenceType;

  @Field(() => ProbeEvidenceType, { description: 'What it is worth for the task.' })
  probe!: ProbeEvidenceType;
}

@ObjectType('SuggestedTraining', {
  description: 'A way to train a model, with estimates of what it takes, as of `planExperiment`.',
  simpleResolvers: true,
})
export class SuggestedTrainingType {
  @Field(() => TrainingKindEnum, { description: 'What of the model is trained.' })
  kind!: TrainingKind;

  @Field(() => HyperparametersType, { description: 'Its hyperparameters: the defaults for this model and data.' })
  hyperparameters!: HyperparametersType;

  @Field(() => BigIntScalar, { description: 'How many numbers training changes.' })
  trainableParameters!: number;

  @Field(() => BigIntScalar, { description: 'Bytes of memory at its peak.' })
  memoryBytes!: number;

  @Field(() => BigIntScalar, { description: 'Bytes of a checkpoint.' })
  checkpointBytes!: number;

  @Field(() => Float, { description: 'Seconds of the training.' })
  seconds!: number;

  @Field(() => Boolean, { description: 'Whether it is within the budget.' })
  fits!: boolean;
}

@ObjectType('RecommendedModel', { description: 'A model with its place in the order, and why.', simpleResolvers: true })
export class RecommendedModelType {
  modelUuid!: string;

  @Field(() => String, { description: 'What the model was called when it was measured.' })
  name!: string;

  @Field(() => Int, { nullable: true, description: 'Its place, from 1; null: it is out of the question.' })
  rank!: number | null;

  @Field(() => ModelEvidenceType, { nullable: true, description: 'What was measured; null: nothing.' })
  evidence!: ModelEvidenceType | null;

  @Field(() => SuggestedTrainingType, {
    nullable: true,
    description: 'The training to begin with; null: there is none within the budget.',
  })
  suggested!: SuggestedTrainingType | null;

  @Field(() => [SuggestedTrainingType], { description: 'All ways in which it could be trained.' })
  trainings!: SuggestedTrainingType[];

  @Field(() => [RecommendationReasonType], { description: 'Why it stands where it stands.' })
  reasons!: RecommendationReasonType[];
}

export function toRecommendedModelType(model: RecommendedModel): RecommendedModelType {
  const { modelId, suggested, ...rest } = model;
  const trainings = rest.trainings.map((training) =>
    Object.assign(new SuggestedTrainingType(), training, {
      hyperparameters: toHyperparametersType(training.hyperparameters),
    }),
  );
  return Object.assign(new RecommendedModelType(), rest, {
    modelUuid: modelId,
    trainings,
    suggested: trainings.find(({ kind }) => kind === suggested) ?? null,
  });
}
