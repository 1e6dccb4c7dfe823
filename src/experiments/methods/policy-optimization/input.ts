import { Extensions, Field, Float, ID, InputType, Int } from 'type-graphql';
import { PreferenceFormInput } from '../../../datasets/preferences/preference-form.input.js';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { RewardInput } from '../../../rewards/reward.input.js';
import { AggregationEnum, KlEstimatorEnum, OnlineDpoLossEnum, RatioOfEnum, ScalingEnum } from './enums.js';

type Grpo = PolicyAlgorithm & { readonly kind: 'grpo' };
type Ppo = PolicyAlgorithm & { readonly kind: 'ppo' };
type OnlineDpo = PolicyAlgorithm & { readonly kind: 'onlineDpo' };

const clipLow = {
  defaultValue: 0.2,
  description: 'By how much a ratio of probabilities may fall below 1 before it counts no further; above 0, up to 1.',
} as const;
const clipHigh = {
  nullable: true,
  description:
    'By how much it may rise above 1; above 0, up to 10. Default: as `clipLow`. DAPO takes 0.28, so that rare tokens may become likelier.',
} as const;

@InputType({
  description:
    'RLOO: the baseline of a completion is the mean reward of the others of its prompt, and whole completions are compared.',
})
export class RlooInput {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh?: number | null;

  @Field(() => Float, {
    defaultValue: 0.05,
    description: 'Weight of the divergence from the reference, which is taken off the rewards; from 0 to 100.',
  })
  klWeight!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the advantages of an update get mean 0 and deviation 1 (REINFORCE++).',
  })
  normalizesAdvantages!: boolean;
}

@InputType({
  description:
    'GRPO: rewards are standardized among the completions of a prompt. Its fields also give DAPO, Dr. GRPO and GSPO.',
})
export class GrpoInput {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'The most that a ratio counts in either direction; above 1, up to 100. Default: no such limit.',
  })
  mostRatio?: number | null;

  @Field(() => RatioOfEnum, { defaultValue: RatioOfEnum.TOKEN, description: 'Whose probability is compared.' })
  ratioOf!: Grpo['ratioOf'];

  @Field(() => ScalingEnum, {
    defaultValue: ScalingEnum.GROUP,
    description: 'What differences of rewards are divided by.',
  })
  scaling!: Grpo['scaling'];

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether rewards are standardized one by one before they are added up (GDPO), so that none drowns in the scale of another. `scaling` has no effect then.',
  })
  separatesRewards!: boolean;

  @Field(() => AggregationEnum, {
    defaultValue: AggregationEnum.TOKEN,
    description: 'How the losses of tokens become one.',
  })
  aggregation!: Grpo['aggregation'];

  @Field(() => Float, {
    defaultValue: 0,
    description: 'Weight of the divergence from the reference in the loss; from 0 to 100.',
  })
  klWeight!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'How often, from 1 to 10, prompts whose completions are all rewarded alike are replaced by others (DAPO’s dynamic sampling). Those that stay so are left out. Default: they are not replaced.',
  })
  replacementRounds?: number | null;
}

const missingEndPenalty = {
  nullable: true,
  description:
    'What is taken off the reward of a completion that `maxTokens` cut off, above 0, so that the model learns to end. Default: nothing.',
} as const;

@InputType({
  description:
    'Online DPO: the model writes two completions of each prompt, the rewards say which one is better, and DPO learns from such pairs. Pairs with equal rewards are left out.',
})
export class OnlineDpoInput {
  @Field(() => OnlineDpoLossEnum, { defaultValue: OnlineDpoLossEnum.SIGMOID, description: 'The loss of a pair.' })
  loss!: OnlineDpo['loss'];

  @Field(() => [Float], {
    defaultValue: [0.1],
    description:
      'β, above 0, up to 100: the higher, the nearer the model stays to the reference. One number, or one for each epoch.',
  })
  betas!: number[];

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty?: number | null;
}

@InputType({
  description:
    'Brings the divergence of a completion from the base model to a target: after each step the weight changes by at most a fifth of the completions’ share of the horizon.',
})
export class AdaptiveKlInput {
  @Field(() => Float, { description: 'Divergence of a completion, in nats, above 0.' })
  target!: number;

  @Field(() => Float, { defaultValue: 10_000, description: 'Completions over which the weight follows; at least 1.' })
  horizon!: number;
}

@InputType({
  description:
    'PPO: a model of values, with weights of its own, says of each token how much is still to be earned, and the advantage of a token is what was earned beyond that.',
})
export class PpoInput {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'The most that a ratio counts where the advantage is negative (dual clip); above 1 + `clipHigh`, up to 100. Default: no such limit.',
  })
  mostRatio?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'How far values may leave, in the loss, what they were before the step; above 0, in units of the reward. Null: as far as they like. Default: 0.2.',
  })
  valueClip?: number | null;

  @Field(() => Float, { defaultValue: 1, description: 'γ: what a reward is worth a token earlier; from 0 to 1.' })
  discount!: number;

  @Field(() => Float, {
    defaultValue: 0.95,
    description:
      'λ of generalized advantage estimation, from 0 to 1: 1 trusts what was earned alone, 0 the values alone.',
  })
  lambda!: number;

  @Field(() => Float, {
    defaultValue: 0.05,
    description:
      'Weight of the divergence from the base model, which is taken off the rewards of tokens; from 0 to 100. With `adaptiveKl` the first one.',
  })
  klWeight!: number;

  @Field(() => KlEstimatorEnum, { defaultValue: KlEstimatorEnum.K1, description: 'How the divergence is estimated.' })
  klEstimator!: Ppo['klEstimator'];

  @Field(() => AdaptiveKlInput, {
    nullable: true,
    description: 'Adapts the weight of the divergence after each step. Default: it stays.',
  })
  adaptiveKl?: AdaptiveKlInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the rewards of tokens get the deviation 1 in each step; their mean stays.',
  })
  whitensRewards!: boolean;

  @Field(() => Int, {
    defaultValue: 1,
    description: 'Mini-batches of one pass over the completions of a step, from 1 to 64: an update is made from each.',
  })
  miniBatches!: number;

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A reward model that the values begin with, of the family, width and tokenizer of the base model. Default: the reward model of the greatest weight among the rewards, if it fits; else the base model, with values of 0.',
  })
  valueModelId?: string | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Learning rate of the value model, above 0, up to 1. Default: that of the policy.',
  })
  valueLearningRate?: number | null;

  @Field(() => Int, {
    defaultValue: 0,
    description: 'Steps at the beginning in which the values alone learn, from 0 to 100,000.',
  })
  valueWarmupSteps!: number;
}

@Extensions({ oneOf: true })
@InputType({ description: 'How a policy learns from rewards: exactly one of the fields.' })
export class PolicyAlgorithmInput {
  @Field(() => GrpoInput, { nullable: true, description: 'GRPO, and its changes.' })
  grpo?: GrpoInput | null;

  @Field(() => RlooInput, { nullable: true, description: 'RLOO.' })
  rloo?: RlooInput | null;

  @Field(() => OnlineDpoInput, { nullable: true, description: 'Online DPO.' })
  onlineDpo?: OnlineDpoInput | null;

  @Field(() => PpoInput, { nullable: true, description: 'PPO, with a model of values.' })
  ppo?: PpoInput | null;
}

@InputType({
  description:
    'Pairs of judged answers that the policy is held against, and does not learn: where it comes to find the worse ones likelier while its reward rises, the reward is gamed.',
})
export class ControlPreferencesInput {
  @Field(() => ID, { description: 'The dataset version that they are in, of the same project.' })
  datasetVersionId!: string;

  @Field(() => String, { defaultValue: 'test', description: 'Their split.' })
  split!: string;

  @Field(() => PreferenceFormInput, {
    nullable: true,
    description:
      'How rows hold judgements: `pairs` or `rated`. Default: by the roles of the columns, CHOSEN and REJECTED, or NUMBER beside COMPLETION or TEXT.',
  })
  preference?: PreferenceFormInput | null;

  @Field(() => Int, {
    defaultValue: 512,
    description:
      'Pairs that are read at most, from 2 to 4096, always the same ones: all of a prompt, but of the last one. Rated answers count as the pairs that they make.',
  })
  pairs!: number;
}

@InputType({
  description: 'When a run tells, by a finding, that its policy goes astray. Null turns a guard off.',
})
export class PolicyGuardsInput {
  @Field(() => Float, {
    nullable: true,
    description:
      'The most that the policy may diverge from the reference, in nats a completion, above 0. Every update measures it then. Default: no limit.',
  })
  klBudget?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'How many times as long completions of held-out prompts may become, on average, as before the training; above 1. Default: 2.',
  })
  lengthGrowth?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'The share of trigrams of tokens in completions of held-out prompts that may repeat earlier ones, above 0, up to 1. Default: 0.5.',
  })
  repetition?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether a finding ends the run, with the model that it has then. Where a reward in `controlRewards`, or the order of `controlPreferences`, falls while the learned reward rises, that is always told, and ends the run as well.',
  })
  stops!: boolean;
}

@InputType({
  description:
    'Policy optimization: a decoder writes completions of prompts, and makes likelier what is rewarded more than the others. An example is a prompt: an update takes `batchSize` of them. Dropout is off.',
})
export class PolicyOptimizationInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Column of the prompts: texts, or lists of chat turns, of which an answer at the end is left out. Default: the column with the role PROMPT, MESSAGES or TEXT.',
  })
  promptColumn?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Column of what the model is told before, for prompts that are texts and models with a chat template.',
  })
  systemColumn?: string | null;

  @Field(() => PolicyAlgorithmInput, {
    nullable: true,
    description: 'How advantages are made of rewards, and the loss of them. Default: GRPO.',
  })
  algorithm?: PolicyAlgorithmInput | null;

  @Field(() => [RewardInput], { description: 'What is learned, at least one reward.' })
  rewards!: RewardInput[];

  @Field(() => [RewardInput], {
    nullable: true,
    description:
      'Rewards that are measured on held-out prompts and not learned, up to 8: where one falls while the learned reward rises, that is gamed. Default: none.',
  })
  controlRewards?: RewardInput[] | null;

  @Field(() => ControlPreferencesInput, {
    nullable: true,
    description:
      'Judged answers that are measured along with held-out prompts, as `validation/preferenceAccuracy` and `validation/preferenceMargin`, and not learned. Default: none.',
  })
  controlPreferences?: ControlPreferencesInput | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The reference: the model that divergence is measured from, a decoder with the same tokenizer, in memory all through the run. Default: the base model itself, as it is before training, its own adapter included.',
  })
  referenceModelId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Completions of each prompt: from 2 to 64, 8 by default; of online DPO always 2; of PPO from 1, 4 by default.',
  })
  samples?: number | null;

  @Field(() => Int, { defaultValue: 64, description: 'Tokens of a completion at most, from 1 to 8192.' })
  maxTokens!: number;

  @Field(() => Float, {
    defaultValue: 1,
    description:
      'What logits are divided by, from 0.01 to 5. Tokens are drawn from all of the distribution: top-k and top-p would give them other probabilities than the trainer computes.',
  })
  temperature!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'Updates from each batch of completions, from 1 to 16; of PPO passes over them. More than 1 saves writing, and needs the clip. Default: 1; of PPO 4.',
  })
  iterations?: number | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether completions that `maxTokens` cut off are left out of the loss. Not for online DPO.',
  })
  masksTruncated!: boolean;

  @Field(() => Int, {
    defaultValue: 64,
    description: 'Held-out prompts that evaluations answer, from 1 to 1024, always the same.',
  })
  heldOutPrompts!: number;

  @Field(() => PolicyGuardsInput, {
    nullable: true,
    description: 'When the run tells that its policy goes astray. Default: the defaults of its fields.',
  })
  guards?: PolicyGuardsInput | null;
}
