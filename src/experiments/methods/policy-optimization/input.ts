import { Extensions, Field, Float, InputType, Int } from 'type-graphql';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { RewardInput } from '../../../rewards/reward.input.js';
import { AggregationEnum, OnlineDpoLossEnum, RatioOfEnum, ScalingEnum } from './enums.js';

type Grpo = PolicyAlgorithm & { readonly kind: 'grpo' };
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
    description: 'Weight of the divergence from the base model, which is taken off the rewards; from 0 to 100.',
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
    description: 'Weight of the divergence from the base model in the loss; from 0 to 100.',
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
      'β, above 0, up to 100: the higher, the nearer the model stays to the base model. One number, or one for each epoch.',
  })
  betas!: number[];

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty?: number | null;
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
}

@InputType({
  description: 'When a run tells, by a finding, that its policy goes astray. Null turns a guard off.',
})
export class PolicyGuardsInput {
  @Field(() => Float, {
    nullable: true,
    description:
      'The most that the policy may diverge from the base model, in nats a completion, above 0. Every update measures it then. Default: no limit.',
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
      'Whether a finding ends the run, with the model that it has then. A reward in `controlRewards` that falls while the learned one rises is always told, and ends the run as well.',
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

  @Field(() => Int, {
    nullable: true,
    description: 'Completions of each prompt: from 2 to 64, 8 by default; of online DPO always 2.',
  })
  samples?: number | null;

  @Field(() => Int, { defaultValue: 64, description: 'Tokens of a completion at most, from 1 to 8192.' })
  maxTokens!: number;

  @Field(() => Float, {
    defaultValue: 1,
    description:
      'What logits are divided by, above 0, up to 5. Tokens are drawn from all of the distribution: top-k and top-p would give them other probabilities than the trainer computes.',
  })
  temperature!: number;

  @Field(() => Int, {
    defaultValue: 1,
    description: 'Updates from each batch of completions, from 1 to 16. More than 1 saves writing, and needs the clip.',
  })
  iterations!: number;

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
