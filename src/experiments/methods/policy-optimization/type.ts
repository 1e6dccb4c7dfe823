import { createUnionType, Field, Float, Int, ObjectType } from 'type-graphql';
import type { PolicyOptimizationSpec } from '../../../protocol/methods/index.js';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { RewardType, toRewardType } from '../../../rewards/reward.type.js';
import { AggregationEnum, OnlineDpoLossEnum, RatioOfEnum, ScalingEnum } from './enums.js';

type GrpoOfSpec = PolicyAlgorithm & { readonly kind: 'grpo' };
type OnlineDpoOfSpec = PolicyAlgorithm & { readonly kind: 'onlineDpo' };

const clipLow = { description: 'By how much a ratio of probabilities may fall below 1 before it counts no further.' };
const clipHigh = { description: 'By how much it may rise above 1.' };

@ObjectType('Rloo', {
  description: 'RLOO: the baseline is the mean reward of the other completions of a prompt.',
  simpleResolvers: true,
})
class RlooType {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh!: number;

  @Field(() => Float, { description: 'Weight of the divergence from the base model, taken off the rewards.' })
  klWeight!: number;

  @Field(() => Boolean, { description: 'Whether the advantages of an update get mean 0 and deviation 1.' })
  normalizesAdvantages!: boolean;
}

@ObjectType('Grpo', {
  description: 'GRPO: rewards are standardized among the completions of a prompt.',
  simpleResolvers: true,
})
class GrpoType {
  @Field(() => Float, clipLow)
  clipLow!: number;

  @Field(() => Float, clipHigh)
  clipHigh!: number;

  @Field(() => Float, { nullable: true, description: 'The most that a ratio counts; null: no such limit.' })
  mostRatio!: number | null;

  @Field(() => RatioOfEnum, { description: 'Whose probability is compared.' })
  ratioOf!: GrpoOfSpec['ratioOf'];

  @Field(() => ScalingEnum, { description: 'What differences of rewards are divided by.' })
  scaling!: GrpoOfSpec['scaling'];

  @Field(() => Boolean, { description: 'Whether rewards are standardized one by one before they are added up.' })
  separatesRewards!: boolean;

  @Field(() => AggregationEnum, { description: 'How the losses of tokens become one.' })
  aggregation!: GrpoOfSpec['aggregation'];

  @Field(() => Float, { description: 'Weight of the divergence from the base model in the loss.' })
  klWeight!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How often prompts whose completions are all rewarded alike are replaced; null: they stay.',
  })
  replacementRounds!: number | null;
}

const missingEndPenalty = {
  nullable: true,
  description: 'What is taken off the reward of a completion that was cut off; null: nothing.',
};

@ObjectType('OnlineDpo', {
  description: 'Online DPO: it learns from pairs that the model writes and the rewards judge.',
  simpleResolvers: true,
})
class OnlineDpoType {
  @Field(() => OnlineDpoLossEnum, { description: 'The loss of a pair.' })
  loss!: OnlineDpoOfSpec['loss'];

  @Field(() => [Float], { description: 'β: one number, or one for each epoch.' })
  betas!: number[];

  @Field(() => Float, missingEndPenalty)
  missingEndPenalty!: number | null;
}

const PolicyAlgorithmUnion = createUnionType({
  name: 'PolicyAlgorithm',
  description: 'How a policy learns from rewards.',
  types: () => [GrpoType, RlooType, OnlineDpoType] as const,
});

@ObjectType('PolicyGuards', {
  description: 'When a run tells that its policy goes astray; null: it does not.',
  simpleResolvers: true,
})
class PolicyGuardsType {
  @Field(() => Float, { nullable: true, description: 'Divergence from the base model, in nats a completion.' })
  klBudget!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean length of completions of held-out prompts, in lengths before the training.',
  })
  lengthGrowth!: number | null;

  @Field(() => Float, { nullable: true, description: 'Share of trigrams of tokens that repeat earlier ones.' })
  repetition!: number | null;

  @Field(() => Boolean, { description: 'Whether a finding ends the run.' })
  stops!: boolean;
}

@ObjectType('PolicyOptimization', {
  description: 'Policy optimization: a decoder writes completions of prompts, and learns from rewards of them.',
  simpleResolvers: true,
})
export class PolicyOptimizationType {
  @Field(() => String, { description: 'Column of the prompts.' })
  promptColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of what the model is told before.' })
  systemColumn!: string | null;

  @Field(() => PolicyAlgorithmUnion, { description: 'How advantages are made of rewards, and the loss of them.' })
  algorithm!: typeof PolicyAlgorithmUnion;

  @Field(() => [RewardType], { description: 'What is learned.' })
  rewards!: RewardType[];

  @Field(() => [RewardType], { description: 'What is measured on held-out prompts, and not learned.' })
  controlRewards!: RewardType[];

  @Field(() => Int, { description: 'Completions of each prompt.' })
  samples!: number;

  @Field(() => Int, { description: 'Tokens of a completion at most.' })
  maxTokens!: number;

  @Field(() => Float, { description: 'What logits are divided by.' })
  temperature!: number;

  @Field(() => Int, { description: 'Updates from each batch of completions.' })
  iterations!: number;

  @Field(() => Boolean, { description: 'Whether completions that were cut off are left out of the loss.' })
  masksTruncated!: boolean;

  @Field(() => Int, { description: 'Held-out prompts that evaluations answer.' })
  heldOutPrompts!: number;

  @Field(() => PolicyGuardsType, { description: 'When the run tells that its policy goes astray.' })
  guards!: PolicyGuardsType;
}

export function toPolicyOptimizationType(spec: PolicyOptimizationSpec): PolicyOptimizationType {
  const { promptColumn, systemColumn, samples, maxTokens, temperature, iterations, masksTruncated } = spec;
  return Object.assign(new PolicyOptimizationType(), {
    promptColumn,
    systemColumn,
    samples,
    maxTokens,
    temperature,
    iterations,
    masksTruncated,
    heldOutPrompts: spec.heldOutPrompts,
    algorithm: toAlgorithmType(spec.algorithm),
    rewards: spec.rewards.map(toRewardType),
    controlRewards: spec.controlRewards.map(toRewardType),
    guards: Object.assign(new PolicyGuardsType(), spec.guards),
  });
}

function toAlgorithmType(algorithm: PolicyAlgorithm): typeof PolicyAlgorithmUnion {
  const fields = fieldsOf(algorithm);
  switch (algorithm.kind) {
    case 'rloo':
      return Object.assign(new RlooType(), fields);
    case 'grpo':
      return Object.assign(new GrpoType(), fields);
    case 'onlineDpo':
      return Object.assign(new OnlineDpoType(), fields);
    default:
      return algorithm satisfies never;
  }
}

/** An algorithm's fields as the graph names them. */
export function fieldsOf({ kind: _, ...fields }: PolicyAlgorithm): object {
  if (!('clip' in fields)) return fields;
  const { clip, ...others } = fields;
  return { ...others, clipLow: clip.low, clipHigh: clip.high };
}
