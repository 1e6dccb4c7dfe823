import { Extensions, Field, ID, InputType, Int } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { Seed } from '../graphql/scalars.js';
import type { Pooling } from '../protocol/model-manifest.js';
import type { ClassWeights, Freeze, LearningRateSchedule } from '../protocol/run-spec.js';
import { hyperparameterDefaults as defaults, learningRateDefaults, loraDefaults } from './hyperparameter-defaults.js';
import { FreezeKindEnum, PoolingEnum, ScheduleEnum, TruncationSideEnum } from './hyperparameters.type.js';
import { ClassWeightsKindEnum, LossWeightingEnum } from './method.type.js';

@InputType({ description: 'Which part of the base model stays as it was.' })
export class FreezeInput {
  @Field(() => FreezeKindEnum, { description: 'Which part.' })
  kind!: Freeze['kind'];

  @Field(() => Int, {
    nullable: true,
    description: 'With PREFIX, and only there: how many encoder layers to freeze besides the embeddings, from 0.',
  })
  layers!: number | null;
}

@InputType({ description: 'Ends training when a validation metric stops improving.' })
export class EarlyStoppingInput {
  @Field(() => String, {
    nullable: true,
    description: "A validation metric's key. Default: validation/loss.",
  })
  metric!: string | null;

  @Field(() => Int, { defaultValue: 2, description: 'Evaluations without improvement before training stops, from 1.' })
  patience!: number;

  @Field(() => Number, {
    defaultValue: 0,
    description: "Least change that counts as improvement, in the metric's unit.",
  })
  minDelta!: number;
}

@InputType({
  description: 'A low-rank adapter (LoRA, arXiv:2106.09685): beside each target W, scale · B A is learnt, and W stays.',
})
export class LoraInput {
  @Field(() => Int, { nullable: true, description: `Rank of A and B, 1 to 1024. Default ${loraDefaults.rank}.` })
  rank!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Above 0: the scale is alpha / rank. Default ${loraDefaults.alpha}.`,
  })
  alpha!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Probability of dropping an input of A, 0 to below 1. Default ${loraDefaults.dropout}.`,
  })
  dropout!: number | null;

  @Field(() => [String], {
    nullable: true,
    description:
      "Which projections: each a module's whole name, or what it ends with after a dot; or a single pattern `regex:…` that matches whole names, as in PEFT. Default: the family's query and value projections.",
  })
  targetModules!: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: `Scale by alpha / √rank instead (rsLoRA, arXiv:2312.03732): steadier at high ranks. Default ${loraDefaults.rankStabilized}.`,
  })
  rankStabilized!: boolean | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'An adapter to train instead of the model itself: exactly one of the fields.' })
export class AdapterInput {
  @Field(() => LoraInput, { nullable: true, description: 'A low-rank adapter.' })
  lora?: LoraInput | null;
}

@InputType({ description: 'What steers training. Whatever is left out has its default.' })
export class HyperparametersInput {
  @Field(() => Number, {
    nullable: true,
    description: `Highest learning rate, above 0 up to 1. Default: ${learningRateDefaults.encoder} for all weights of a BERT, DistilBERT or RoBERTa, ${learningRateDefaults.adapter} for an adapter, ${learningRateDefaults.headsAlone} for heads alone; ${learningRateDefaults.useLite} for Universal Sentence Encoder Lite.`,
  })
  learningRate!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Passes over the training split, 1 to 1000. Default ${defaults.epochs}.`,
  })
  epochs!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Examples in one forward and backward pass, 1 to 1024. Default ${defaults.batchSize}.`,
  })
  batchSize!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Batches averaged before one optimizer step, 1 to 1024. Default ${defaults.gradientAccumulationSteps}.`,
  })
  gradientAccumulationSteps!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Decoupled weight decay, 0 to 1. Default ${defaults.weightDecay}.`,
  })
  weightDecay!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Decay of the gradient's running mean, 0 to below 1. Default ${defaults.beta1}.`,
  })
  beta1!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Decay of the squared gradient's running mean, 0 to below 1. Default ${defaults.beta2}.`,
  })
  beta2!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Addend in AdamW's denominator, above 0. Default ${defaults.epsilon}.`,
  })
  epsilon!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Global norm the gradient is clipped to, above 0; null: no clipping. Default ${defaults.maxGradientNorm}.`,
  })
  maxGradientNorm?: number | null;

  @Field(() => Number, {
    nullable: true,
    description: `Share of all steps over which the learning rate rises from 0, 0 to 1. Default ${defaults.warmupRatio}.`,
  })
  warmupRatio!: number | null;

  @Field(() => ScheduleEnum, {
    nullable: true,
    description: `How the learning rate goes on after the warm-up. Default ${defaults.schedule.toUpperCase()}.`,
  })
  schedule!: LearningRateSchedule | null;

  @Field(() => Number, {
    nullable: true,
    description:
      "Every dropout probability of the model, 0 to 0.9. Default: each as the model's own configuration has it; 0 for USE_LITE.",
  })
  dropout!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Tokens that texts are cut to, from 4 to the model's context length. Default: ${defaults.maxLength}, or the context length where that is less.`,
  })
  maxLength!: number | null;

  @Field(() => TruncationSideEnum, {
    nullable: true,
    description: "Where texts that are too long are cut. Default: as the model's tokenizer has it, usually RIGHT.",
  })
  truncationSide!: 'left' | 'right' | null;

  @Field(() => PoolingEnum, {
    nullable: true,
    description:
      'What heads read. Default: as the model was trained with, else FIRST_TOKEN. USE_LITE has its own, and no choice.',
  })
  pooling!: Pooling | null;

  @Field(() => AdapterInput, {
    nullable: true,
    description: 'Train an adapter, and the heads, instead of the model itself. Default: none.',
  })
  adapter!: AdapterInput | null;

  @Field(() => Seed, {
    nullable: true,
    description: `Determines initial heads, order of examples and dropout. Default ${defaults.seed}.`,
  })
  seed!: number | null;

  @Field(() => FreezeInput, {
    nullable: true,
    description: 'Which part of the base model stays as it was. Default: NONE.',
  })
  freeze!: FreezeInput | null;

  @Field(() => EarlyStoppingInput, {
    nullable: true,
    description: 'When to stop before the last epoch. Default: never.',
  })
  earlyStopping!: EarlyStoppingInput | null;

  @Field(() => Int, {
    nullable: true,
    description: `Optimizer steps between checkpoints, from 1; one is also written at the end of each epoch. Default ${defaults.checkpointEverySteps}.`,
  })
  checkpointEverySteps!: number | null;
}

@InputType({ description: 'Weight of one label.' })
export class ClassWeightInput {
  @Field(() => String, { description: 'A label of the training split.' })
  label!: string;

  @Field(() => Number, { description: "Factor of the loss of this label's examples, above 0." })
  weight!: number;
}

@InputType({ description: 'How much an example counts in the loss, by its label.' })
export class ClassWeightsInput {
  @Field(() => ClassWeightsKindEnum, { description: 'How the weights come about.' })
  kind!: ClassWeights['kind'];

  @Field(() => [ClassWeightInput], { nullable: true, description: 'With EXPLICIT, and only there: the weights.' })
  weights!: ClassWeightInput[] | null;
}

const textPairColumn = {
  nullable: true,
  description: 'Column of the second texts, for tasks on pairs. Rows without one are left out. Default: single texts.',
} as const;

@InputType({ description: 'Single-label classification.' })
export class SupervisedInput {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, textPairColumn)
  textPairColumn!: string | null;

  @Field(() => String, { description: 'Column of the labels.' })
  labelColumn!: string;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description: 'How much an example counts, by its label. Default: NONE.',
  })
  classWeights!: ClassWeightsInput | null;
}

@InputType({ description: 'One of several classifications that share an encoder.' })
export class TaskInput {
  @Field(() => String, {
    description: 'Unique among the tasks: a letter, then up to 62 letters, digits, `_` or `-`. Part of metric keys.',
  })
  name!: string;

  @Field(() => String, { description: 'Column of its labels. Rows without a label are masked in its loss.' })
  labelColumn!: string;

  @Field(() => Number, { defaultValue: 1, description: 'Weight of its loss under FIXED, above 0.' })
  weight!: number;

  @Field(() => ClassWeightsInput, {
    nullable: true,
    description: 'How much an example counts, by its label. Default: NONE.',
  })
  classWeights!: ClassWeightsInput | null;
}

@InputType({ description: 'Several classifications of the same texts, with one shared encoder.' })
export class MultiTaskInput {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, textPairColumn)
  textPairColumn!: string | null;

  @Field(() => [TaskInput], { description: 'From 2 to 16 tasks.' })
  tasks!: TaskInput[];

  @Field(() => LossWeightingEnum, {
    defaultValue: LossWeightingEnum.FIXED,
    description: 'How their losses are put together.',
  })
  lossWeighting!: 'fixed' | 'uncertainty';
}

@Extensions({ oneOf: true })
@InputType({ description: 'What to train, by which method: exactly one of the fields.' })
export class TrainingMethodInput {
  @Field(() => SupervisedInput, { nullable: true, description: 'Single-label classification.' })
  supervised?: SupervisedInput | null;

  @Field(() => MultiTaskInput, { nullable: true, description: 'Several classifications with one shared encoder.' })
  multiTask?: MultiTaskInput | null;
}

@InputType({ description: 'All that determines an experiment.' })
export class CreateExperimentInput {
  @Field(() => String, { defaultValue: 'default', description: 'Slug of the project.' })
  projectSlug!: string;

  @Field(() => String, { description: 'For people, 1 to 200 characters; it need not be unique.' })
  name!: string;

  @Field(() => ID, { description: 'The model to start from.' })
  baseModelId!: string;

  @Field(() => ID, { description: 'The data to learn from.' })
  datasetVersionId!: string;

  @Field(() => TrainingMethodInput, { description: 'What to train, by which method.' })
  method!: TrainingMethodInput;

  @Field(() => String, { defaultValue: 'train', description: 'The split to learn from.' })
  trainSplit!: string;

  @Field(() => String, { defaultValue: 'validation', description: 'The split to measure on after each epoch.' })
  validationSplit!: string;

  @Field(() => HyperparametersInput, { nullable: true, description: 'What steers training. Default: all defaults.' })
  hyperparameters!: HyperparametersInput | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey!: string | null;
}

@InputType({ description: 'An experiment to act on.' })
export class ExperimentActionInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;
}
