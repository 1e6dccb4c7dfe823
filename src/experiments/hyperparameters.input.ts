import { Extensions, Field, InputType, Int } from 'type-graphql';
import { Seed } from '../graphql/scalars.js';
import { FrozenWeightsEnum, PoolingEnum, TruncationSideEnum } from '../models/model-settings.type.js';
import type { FrozenWeights } from '../protocol/frozen-weights.js';
import type { Freeze, LearningRateSchedule } from '../protocol/hyperparameters.js';
import type { Pooling } from '../protocol/pooling.js';
import type { PreferenceObjectiveKind } from '../protocol/preference-objective.js';
import {
  batchSizeDefaults,
  hyperparameterDefaults as defaults,
  languageDefaults,
  loraDefaults,
  measuredWidth,
  mostEpochs,
  policyDefaults,
  preferenceDefaults,
  rewardDefaults,
  trainingDefaults,
} from './hyperparameter-defaults.js';
import { FreezeKindEnum, ScheduleEnum } from './hyperparameters.type.js';
import { objectiveTitles, preferenceRates } from './preference-rates.js';

const { encoder, adapter, headsAlone } = trainingDefaults;

type Rates = Readonly<Record<'encoder' | 'adapter', { readonly narrowRate: number; readonly widerRate: number }>>;

function ratesByWidth({ encoder: all, adapter: lora }: Rates): string {
  const of = ({ narrowRate, widerRate }: Rates['encoder']) => `${narrowRate} (wider: ${widerRate})`;
  return `${of(all)}, of an adapter ${of(lora)}`;
}

/** Objectives with equal rates in one. */
function ratesByObjective(): string {
  const titles = new Map<string, string[]>();
  for (const kind of Object.keys(objectiveTitles) as PreferenceObjectiveKind[]) {
    const rates = ratesByWidth(preferenceRates(kind));
    titles.set(rates, [...(titles.get(rates) ?? []), objectiveTitles[kind]]);
  }
  return [...titles].map(([rates, names]) => `${names.join(' and ')} ${rates}`).join(', by ');
}

function ratesOf({ measuredRate, widerRate }: (typeof trainingDefaults)[keyof typeof trainingDefaults]): string {
  return measuredRate === widerRate ? String(measuredRate) : `${measuredRate} (wider: ${widerRate})`;
}

@InputType({ description: 'Which part of the base model stays unchanged.' })
export class FreezeInput {
  @Field(() => FreezeKindEnum, { description: 'Which part.' })
  kind!: Freeze['kind'];

  @Field(() => Int, {
    nullable: true,
    description:
      'How many encoder layers to freeze beside the embeddings, from 0; only with PREFIX, which requires it.',
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
  description:
    'A low-rank adapter (LoRA, arXiv:2106.09685): beside each target W, scale · B A is learnt, and W stays unchanged.',
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
      "The projections to adapt: each a module's whole name, or its end after a dot; or a single pattern `regex:…` that matches whole names, as in PEFT. Default: the family's query and value projections.",
  })
  targetModules!: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: `Scale by alpha / √rank instead (rsLoRA, arXiv:2312.03732): steadier at high ranks. Default ${loraDefaults.rankStabilized}.`,
  })
  rankStabilized!: boolean | null;

  @Field(() => FrozenWeightsEnum, {
    nullable: true,
    description:
      'How the weights that the adapter leaves unchanged are held in memory. Below FLOAT32 a training takes less memory, and learns beside weights that are rounded; the model that it makes has the base model’s own. Default FLOAT32.',
  })
  frozenWeights!: FrozenWeights | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'An adapter to train instead of the model itself: exactly one of the fields.' })
export class AdapterInput {
  @Field(() => LoraInput, { nullable: true, description: 'A low-rank adapter.' })
  lora?: LoraInput | null;
}

@InputType({ description: 'Hyperparameters of training. A field that is left out has its default.' })
export class HyperparametersInput {
  @Field(() => Number, {
    nullable: true,
    description: `Highest learning rate, above 0 up to 1. Default, by what is trained and for models up to ${measuredWidth} wide: ${ratesOf(encoder)} for layers of the encoder, ${ratesOf(adapter)} for an adapter, ${ratesOf(headsAlone)} for heads alone. For language modelling and instruction tuning ${ratesByWidth(languageDefaults)}; for reward models ${ratesByWidth(rewardDefaults)}; for preference optimization by ${ratesByObjective()}; for policy optimization ${ratesByWidth(policyDefaults)}. \`planExperiment\` tells it with its reason.`,
  })
  learningRate!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Passes over the training split, 1 to 1000. Default: as many as come to ${encoder.updates} updates of layers of the encoder, ${adapter.updates} of an adapter, ${headsAlone.updates} of heads alone; at least ${encoder.leastEpochs}, of heads alone ${headsAlone.leastEpochs}, and at most ${mostEpochs}. For language modelling and instruction tuning ${languageDefaults.epochs}, for reward models ${rewardDefaults.epochs}, for preference optimization ${preferenceDefaults.epochs}, for policy optimization ${policyDefaults.epochs}. \`planExperiment\` tells them with their reason.`,
  })
  epochs!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Examples in one forward and backward pass, 1 to 1024. Default ${batchSizeDefaults.usual}; ${batchSizeDefaults.ofFew} for an encoder or an adapter that is trained on up to ${batchSizeDefaults.few} examples; ${languageDefaults.batchSize} rows for language modelling and instruction tuning, ${preferenceDefaults.batchSize} pairs or answers for preference optimization, ${policyDefaults.batchSize} prompts for policy optimization.`,
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
    description: `The course of the learning rate after the warm-up. Default ${defaults.schedule.toUpperCase()}.`,
  })
  schedule!: LearningRateSchedule | null;

  @Field(() => Number, {
    nullable: true,
    description:
      "Every dropout probability of the model, 0 to 0.9. Default: the probabilities of the model's own configuration; 0 for USE_LITE.",
  })
  dropout!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Tokens that texts are cut to, from 4 to the model's context length; for language modelling, tokens of a row, into which longer texts are divided. Default: ${defaults.maxLength}, for language modelling ${languageDefaults.maxLength}, for instruction tuning, reward models, preference and policy optimization ${languageDefaults.maxConversation}, or the context length if that is less.`,
  })
  maxLength!: number | null;

  @Field(() => TruncationSideEnum, {
    nullable: true,
    description:
      "The side on which texts that are too long are cut. Default: that of the model's tokenizer, usually RIGHT.",
  })
  truncationSide!: 'left' | 'right' | null;

  @Field(() => PoolingEnum, {
    nullable: true,
    description:
      'What heads read. Default: the pooling that the model was trained with, or that its files name (`1_Pooling` of sentence-transformers), else FIRST_TOKEN, or LAST_TOKEN of a causal model (GPT-2, Llama, Mistral, Qwen, Gemma). USE_LITE has a pooling of its own, and no choice.',
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
    description: 'Which part of the base model stays unchanged. Default: NONE.',
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

  @Field(() => Int, {
    nullable: true,
    description:
      'Optimizer steps between evaluations, from 1; there is also one at the end of each epoch. After each, a checkpoint is written. Default: the ends of epochs alone.',
  })
  evaluateEverySteps!: number | null;
}
